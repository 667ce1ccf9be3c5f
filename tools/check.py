"""The checks of the maintainers: `python -m tools.check generated`, `sealed`, `frozen` or `same`."""

import sys
from collections.abc import Callable
from pathlib import Path

from ticketdb.migrate import MigrationError, migrate
from tools.catalog import compare, snapshot
from tools.databases import build_from_sql, database, server
from tools.frozen import differences
from tools.project import Project
from tools.seal import broken_seals, unsealed
from tools.unasync import stale


def generated(project: Project) -> list[str]:
    """Return what of ticketdb/_sync is not made of ticketdb/_async: `python -m tools.unasync`."""
    return stale(project.root)


def sealed(project: Project) -> list[str]:
    """Return what is not as it was shipped, or was never sealed: `make seal` before a release."""
    return broken_seals(project) + unsealed(project)


def frozen(project: Project) -> list[str]:
    """Return what of sql/ the migrations do not carry: `make freeze`, or `make migration NAME=…`."""
    return differences(project)


def same(project: Project) -> list[str]:
    """Return the objects in which a database built from migrations/ differs from one built from sql/."""
    with server() as dsn, database(dsn) as one, database(dsn) as other:
        build_from_sql(one, project)
        try:
            migrate(other, directory=project.migrations)
        except MigrationError as error:
            return [f"{error.message}\n{error.hint}"]
        return compare(snapshot(one), snapshot(other), "in sql/", "in migrations/")


CHECKS: dict[str, Callable[[Project], list[str]]] = {
    "generated": generated,
    "sealed": sealed,
    "frozen": frozen,
    "same": same,
}


def main(arguments: list[str]) -> int:
    """Run one check and print what it finds."""
    if len(arguments) != 1 or arguments[0] not in CHECKS:
        print(f"usage: python -m tools.check {'|'.join(CHECKS)}", file=sys.stderr)
        return 2
    found = CHECKS[arguments[0]](Project(Path()))
    print("\n".join(found) or f"{arguments[0]}: nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
