"""`ticketdb migrate` as a text of SQL, for places where only SQL can be run."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from ticketdb._resources import migrations_dir
from ticketdb.migrate import preflight
from ticketdb.migrate.backend import SETTINGS
from ticketdb.migrate.files import SqlMigration, Statement, read_migrations, read_text
from ticketdb.migrate.lock import KEY
from ticketdb.migrate.quoting import dollar_quoted, literal
from ticketdb.migrate.schema import record_table_statements, schema_statements
from ticketdb.migrate.state import RECORD_TABLES

# Supabase's SQL editor takes a little more than a million bytes
EDITOR_LIMIT = 1_000_000
_TITLE = """\
-- Part {number} of {count}, for places that do not take all at once. Run them in their order; each is all or
-- nothing, and changes nothing where it was run before.
--
"""
# the title, and which part each migration comes with
_ROOM_FOR_NUMBERS = 1_000


@dataclass(frozen=True, slots=True)
class _Step:
    """A migration, and what applies it."""

    migration: SqlMigration
    text: str

    @property
    def size(self) -> int:
        """So many bytes."""
        return len(self.text.encode())


def export(*, directory: Path | None = None, schema: str = "ticketdb", face: str = "public") -> str:
    """Return one text that does what `migrate` would do, on any database, as often as one likes.

    It holds nothing of the day or machine that it is made on: the same migrations give the same text.
    """
    return _texts([_steps(directory)], schema, face)[0]


def export_parts(
    *,
    directory: Path | None = None,
    schema: str = "ticketdb",
    face: str = "public",
    limit: int = EDITOR_LIMIT,
) -> list[str]:
    """Return the same as texts of at most `limit` bytes each, to be run in their order.

    Each brings whole migrations, is complete in itself and can be repeated, and refuses a database that
    lacks what an earlier one brings. A migration that does not fit at all has a text of its own.
    """
    steps = _steps(directory)
    # every part has all but the other parts' migrations
    common = len(_texts([steps], schema, face)[0].encode()) - sum(step.size for step in steps)
    room = limit - common - _ROOM_FOR_NUMBERS
    parts: list[list[_Step]] = [[]]
    for step in steps:
        if parts[-1] and sum(other.size for other in parts[-1]) + step.size > room:
            parts.append([])
        parts[-1].append(step)
    return _texts(parts, schema, face)


def _steps(directory: Path | None) -> list[_Step]:
    migrations = read_migrations(directory or migrations_dir())
    return [_Step(migration, _block(migration)) for migration in migrations]


def _texts(parts: Sequence[Sequence[_Step]], schema: str, face: str) -> list[str]:
    records, log, version = RECORD_TABLES
    values = {
        "newest": parts[-1][-1].migration.file.name,
        "inside": literal(schema),
        "face": literal(face),
        "parts": str(len(parts)),
        "migrations": _listed(parts),
        "settings": literal(json.dumps({**SETTINGS, "lock_timeout": "5s"})),
        "lock": str(KEY),
        "records": f"{schema}.{records}",
        "log": f"{schema}.{log}",
        "version": f"{schema}.{version}",
        "preflight": preflight.block(),
        "create_schema": _lines(schema_statements(schema)),
        "finish_records": _lines(record_table_statements(schema)),
    }
    template = read_text(Path(__file__).with_suffix(".sql"))
    texts = []
    for number, part in enumerate(parts, 1):
        own = values | {
            "title": _TITLE.format(number=number, count=len(parts)) if len(parts) > 1 else "",
            "part": str(number),
            "statements": "".join(step.text for step in part),
        }
        texts.append(_filled(template, own))
    return texts


def _filled(template: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: values[match[1]], template)


def _listed(parts: Sequence[Sequence[_Step]]) -> str:
    rows = (
        {
            "id": step.migration.id,
            "part": number,
            "checksum": step.migration.checksum,
            "creates": sorted(preflight.names_created([step.migration])),
        }
        for number, part in enumerate(parts, 1)
        for step in part
    )
    return literal("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]")


def _block(migration: SqlMigration) -> str:
    body = "".join(f"execute {dollar_quoted(_text(step), 'sql')};\n" for step in migration.statements())
    return (
        f"    -- {migration.file.name}\n    if {literal(migration.id)} = any (v_pending) then\n"
        f"{body}    end if;\n\n"
    )


def _text(statement: Statement) -> str:
    if not statement.is_concurrent:
        return statement.text
    # there is but one transaction, and in one no index is built beside writers
    return re.sub(r"\bconcurrently\s+", "", statement.text, count=1)


def _lines(statements: Iterable[sql.Composed]) -> str:
    return "\n".join(f"            {statement.as_string(None)};" for statement in statements)
