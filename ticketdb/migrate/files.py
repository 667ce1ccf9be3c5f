"""The migration files: which count, their statements, their checksums."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import sqlparse
from yoyo.migrations import Migration, MigrationList, parse_metadata_from_sql_comments

from ticketdb.migrate.errors import MigrationError, StatementFailed

# yoyo records ids alone, so a host application's own 0001_… must not look like ours
PREFIX = "ticketdb-"
_FILE_NAME = re.compile(r"[0-9]{4}_[a-z0-9_]+\.sql")


@dataclass(frozen=True)
class Statement:
    """One statement, and where it stands."""

    path: Path
    line: int
    text: str

    @property
    def is_concurrent(self) -> bool:
        """Tell whether it makes or drops an index beside the application's writers."""
        return re.match(r"(?:create (?:unique )?|drop |re)index concurrently\b", self.text) is not None

    def execute(self, connection: psycopg.Connection[Any]) -> None:
        """Run it, dropping rows that it returns: yoyo's own step prints them."""
        try:
            connection.execute(self.text)
        except psycopg.Error as error:
            raise self._failure(error) from error

    def _failure(self, error: psycopg.Error) -> StatementFailed:
        line = self.line
        if error.diag.statement_position:
            line += self.text[: int(error.diag.statement_position) - 1].count("\n")
        first_line = self.text.splitlines()[0]
        context = f"\n{error.diag.context}" if error.diag.context else ""
        detail = f" {error.diag.message_detail}" if error.diag.message_detail else ""
        reason = error.diag.message_primary or error
        return StatementFailed(
            f"{self.path.name}, line {line}: {first_line}\n"
            f"failed with SQLSTATE {error.sqlstate or 'unknown'}: {reason}.{detail}{context}",
            error.diag.message_hint or "The migration was not applied. Mend the cause, then run it again.",
            file=self.path.name, line=line, statement=self.text, sqlstate=error.sqlstate,
        )  # fmt: skip


class SqlMigration(Migration):  # type: ignore[misc]
    """yoyo's migration as two lists of statements; yoyo itself pairs forward and rollback steps."""

    text: str

    def __init__(self, path: Path) -> None:
        """Read nothing yet."""
        super().__init__(PREFIX + path.stem, str(path), str(path.parent))
        self.file = path
        self.rollback_file = path.with_suffix(".rollback.sql")
        self._depends: set[Migration] = set()

    def load(self) -> None:
        """Read the file, and note whether it runs in a transaction."""
        if not self.loaded:
            self.text = read_text(self.file)
            directives, _, _ = parse_metadata_from_sql_comments(self.text)
            self.use_transactions = directives.get("transactional", "true").lower() != "false"
            self.steps: list[object] = []  # yoyo's sign that it is loaded

    def statements(self) -> list[Statement]:
        """Return the statements that apply it."""
        self.load()
        return list(_statements(self.file, self.text))

    def rollback_statements(self) -> list[Statement]:
        """Return the statements that take it out, in the order of the file."""
        if not self.rollback_file.is_file():
            raise MigrationError(
                f"{self.file.name} has no {self.rollback_file.name}.",
                "Restore the file, or reinstall ticketdb.",
            )
        return list(_statements(self.rollback_file, read_text(self.rollback_file)))

    @property
    def checksum(self) -> str:
        """Return what the record keeps of the file's text, the same for every kind of line ending."""
        self.load()
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_text(path: Path) -> str:
    """Return a file's text with its line endings made `\\n`."""
    return path.read_text(encoding="utf-8")


def read_migrations(directory: Path) -> MigrationList:
    """Return the migrations of the folder in the order of their numbers; other files do not count."""
    if not directory.is_dir():
        raise MigrationError(f"There is no folder {directory}.", "Reinstall ticketdb.")
    paths = sorted(path for path in directory.iterdir() if _FILE_NAME.fullmatch(path.name))
    return MigrationList([SqlMigration(path) for path in paths])


def _statements(path: Path, source: str) -> Iterator[Statement]:
    end = 0
    for part in sqlparse.split(source):
        start = source.index(part, end)
        end = start + len(part)
        # comments go with the statement below them; its own first line is what a person looks for
        code = re.sub(r"\A(?:\s*--[^\n]*(?:\n|\Z))*\s*", "", part)
        if code:
            yield Statement(path, source.count("\n", 0, end - len(code)) + 1, code)
