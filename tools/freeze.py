"""Refreshes the frozen copies in migrations that are not sealed yet: `make freeze`."""

import re
from collections.abc import Callable
from pathlib import Path

from tools.project import Project, copies, has_section, rollback_of, with_section
from tools.seal import sealed_files
from tools.transition import Definitions, transition

_HOST_TRIGGER = re.compile(r"\bon public\.(?:bookings|program_participants)\b")
_DEFAULTS = ("functions/database_time_zone.sql", "functions/new_reservation_code.sql")

# Where the first migrations keep a file; what none of them claims goes into the newest unsealed migration.
_FIRST_HOMES: dict[str, Callable[[str, str], bool]] = {
    "0001_host_tables": lambda path, _: path == "tables/010_host_tables.sql",
    "0002_tables": lambda path, _: path in _DEFAULTS or re.match(r"tables/0[2-9]", path) is not None,
    "0003_host_columns": lambda path, _: path == "tables/100_host_columns.sql",
    "0004_host_keys_validated": lambda path, _: path == "tables/105_host_keys_validated.sql",
    "0005_host_indexes": lambda _path, _text: False,
    "0006_selling": lambda path, text: (
        not (
            path in _DEFAULTS
            or path.startswith("tables/")
            or (path.startswith("triggers/") and _HOST_TRIGGER.search(text) is not None)
        )
    ),
}


def freeze(project: Project) -> list[Path]:
    """Bring the generated parts of unsealed migrations up to today's definition; return the files changed."""
    sealed = sealed_files(project)
    sources = project.sources()
    unsealed = [path for path in project.forward() if path.name not in sealed]
    state: Definitions = {}
    changed = []
    for path in project.forward():
        if path not in unsealed:
            for name, text in copies(path.read_text(encoding="utf-8")).items():
                _set(state, name, text)
            continue
        held = copies(path.read_text(encoding="utf-8"))
        last = path == unsealed[-1]
        after = dict(state)
        for name in sorted(state.keys() | sources.keys()):
            if _belongs(path.stem, name, sources.get(name, state.get(name, "")), held, last):
                _set(after, name, sources.get(name))
        changed += _write(path, state, after, mark_gone=True)
        changed += _write(rollback_of(path), after, state, mark_gone=False)
        state = after
    return changed


def _belongs(stem: str, name: str, text: str, held: dict[str, str | None], last: bool) -> bool:
    if stem in _FIRST_HOMES:
        return _FIRST_HOMES[stem](name, text)
    # later changes of tables are written by hand
    return not name.startswith("tables/") and (last or name in held)


def _set(state: Definitions, name: str, text: str | None) -> None:
    if text is None:
        state.pop(name, None)
    else:
        state[name] = text


def _write(path: Path, old: Definitions, new: Definitions, *, mark_gone: bool) -> list[Path]:
    before = path.read_text(encoding="utf-8")
    # a file without a generated part is written by hand
    if not has_section(before):
        return []
    after = with_section(before, transition(old, new, mark_gone=mark_gone))
    path.write_text(after, encoding="utf-8")
    return [] if after == before else [path]


if __name__ == "__main__":
    for file in freeze(Project(Path())):
        print("refreshed", file)
