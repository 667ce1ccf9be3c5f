# Every target makes its own environment in .venv; nothing but Python 3.11 or newer is needed.

SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# made when the extras are installed
# each worker has a server of its own; more of them than four wait for each other
WORKERS ?= auto
READY := .venv/.ready
READY_DEV := .venv/.ready-dev

.PHONY: help demo test check migration freeze seal security screenshot clean

help:
	@echo "make demo                  sell tickets on a server of its own, from nothing"
	@echo "make test                  run the tests"
	@echo "make check                 style, types, and that migrations/ and sql/ agree"
	@echo "make migration NAME=...    make the next migration from what differs in sql/"
	@echo "make freeze                refresh the copies of sql/ in migrations that are not sealed"
	@echo "make seal                  seal the migrations, before a release"
	@echo "make security              write docs/security.md from the catalog"
	@echo "make screenshot            take docs/box-office.png anew"
	@echo "make clean                 remove what these made"

demo: $(READY)
	$(BIN)/ticketdb demo

test: $(READY_DEV)
	$(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 4 --dist loadfile $(TESTS)

check: $(READY_DEV)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 1 --disable-progress-bar sql
	$(BIN)/python -m tools.check generated
	$(BIN)/python -m tools.check sealed
	$(BIN)/python -m tools.check frozen
	$(BIN)/python -m tools.check same

migration: $(READY_DEV)
	@$(BIN)/python -m tools.migration "$(NAME)"

freeze: $(READY_DEV)
	@$(BIN)/python -m tools.freeze

seal: $(READY_DEV)
	@$(BIN)/python -m tools.seal

security: $(READY_DEV)
	@$(BIN)/python -m tools.security

screenshot: $(READY_DEV)
	TICKETDB_TEST_SCREENSHOT=docs/box-office.png $(BIN)/python -m pytest -q tests/test_example_box_office.py -k keeps_nobody_out

clean:
	rm -rf examples/node_modules tests/js/node_modules .venv build dist .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml
	$(call install,embedded)

$(READY_DEV): pyproject.toml
	$(call install,embedded,test,dev)
	@touch $(READY)

# $(call install,EXTRA,...)
comma := ,
define install
	@python=; for name in python3.13 python3.12 python3.11 python3; do \
		if "$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			python=$$name; break; \
		fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "No Python 3.11 or newer with its venv module was found." \
			"Install one (on Debian and Ubuntu: apt install python3 python3-venv), then repeat." >&2; \
		exit 1; \
	fi; \
	[ -x $(BIN)/python ] || "$$python" -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[$(1)$(if $(2),$(comma)$(2))$(if $(3),$(comma)$(3))]'
	@touch $@
endef
