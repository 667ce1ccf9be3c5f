"""Makes the next migration: `make migration NAME=what_it_does`."""

import re
import sys
from pathlib import Path

from tools.freeze import freeze
from tools.frozen import differences
from tools.project import SECTION_END, SECTION_START, Project, rollback_of

_FORWARD = """\
-- TITLE
-- Statements for tables are written here, by hand, above or below the generated part.

{start}
{end}
"""
_ROLLBACK = """\
-- Takes out NUMBER. No cascade: what somebody built on it must make this fail.

{start}
{end}
"""


def make_migration(project: Project, name: str) -> Path:
    """Create the next numbered migration and its rollback, with a copy of everything that differs."""
    if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name):
        raise SystemExit(
            "NAME is lower case letters, digits and single underscores, such as NAME=refund_reasons"
        )
    number = max((int(path.name[:4]) for path in project.forward()), default=0) + 1
    path = project.migrations / f"{number:04}_{name}.sql"
    sentence = name.replace("_", " ").capitalize() + "."
    path.write_text(
        _FORWARD.replace("TITLE", sentence).format(start=SECTION_START, end=SECTION_END), encoding="utf-8"
    )
    rollback_of(path).write_text(
        _ROLLBACK.replace("NUMBER", path.stem).format(start=SECTION_START, end=SECTION_END), encoding="utf-8"
    )
    freeze(project)
    return path


if __name__ == "__main__":
    here = Path()
    before = differences(Project(here))
    print("created", make_migration(Project(here), sys.argv[1] if len(sys.argv) > 1 else ""))
    print("\n".join(before) or "sql/ has nothing that differs: the statements are yours to write")
