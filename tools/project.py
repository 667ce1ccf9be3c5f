"""The two folders that the tools work on, and the notation of frozen copies."""

import re
from dataclasses import dataclass
from pathlib import Path

# the order in which a database is built from sql/
FOLDERS = ("types", "functions", "tables", "views", "triggers")

SECTION_START = "-- >>> generated: `make freeze` writes what stands between these lines"
SECTION_END = "-- <<< generated"
_SECTION = re.compile(rf"^{re.escape(SECTION_START)}\n.*?^{SECTION_END}$", re.DOTALL | re.MULTILINE)
_COPY = re.compile(
    r"^-- >>> sql/(\S+?\.sql)((?: \(gone\))?)\n(.*?)^-- <<< sql/\1\2$", re.DOTALL | re.MULTILINE
)
_MIGRATION = re.compile(r"[0-9]{4}_[a-z0-9_]+(\.rollback)?\.sql")


@dataclass(frozen=True)
class Project:
    """A checkout."""

    root: Path

    @property
    def sql(self) -> Path:
        """The folder of today's definition."""
        return self.root / "sql"

    @property
    def migrations(self) -> Path:
        """The folder of frozen history."""
        return self.root / "migrations"

    def sources(self) -> dict[str, str]:
        """Return path and text of today's definition, in the order in which it builds a database."""
        return {
            f"{folder}/{path.name}": path.read_text(encoding="utf-8").rstrip() + "\n"
            for folder in FOLDERS
            for path in sorted((self.sql / folder).glob("*.sql"))
        }

    def migration_files(self) -> list[Path]:
        """Return the forward and the rollback files."""
        return sorted(path for path in self.migrations.iterdir() if _MIGRATION.fullmatch(path.name))

    def forward(self) -> list[Path]:
        """Return the forward files in their order."""
        return [path for path in self.migration_files() if not path.name.endswith(".rollback.sql")]


def rollback_of(forward: Path) -> Path:
    """Return the path of a migration's rollback."""
    return forward.with_suffix(".rollback.sql")


def copies(text: str) -> dict[str, str | None]:
    """Return the frozen copies in a migration; None for a file that it drops."""
    return {path: None if gone else body for path, gone, body in _COPY.findall(text)}


def has_section(text: str) -> bool:
    """Tell whether a file has a part that is generated."""
    return _SECTION.search(text) is not None


def with_section(text: str, body: str) -> str:
    """Return the file's text with another generated part."""
    section = f"{SECTION_START}\n{body}{SECTION_END}"
    return _SECTION.sub(lambda _: section, text)
