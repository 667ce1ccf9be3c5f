"""`ticketdb migrate` as a text of SQL, for places where only SQL can be run."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from psycopg import sql
from yoyo.migrations import MigrationList

from ticketdb._resources import migrations_dir
from ticketdb.migrate import preflight
from ticketdb.migrate.backend import SETTINGS
from ticketdb.migrate.files import SqlMigration, Statement, read_migrations, read_text
from ticketdb.migrate.lock import KEY
from ticketdb.migrate.quoting import dollar_quoted, literal
from ticketdb.migrate.schema import record_table_statements, schema_statements
from ticketdb.migrate.state import RECORD_TABLES


def export(*, directory: Path | None = None, schema: str = "ticketdb", face: str = "public") -> str:
    """Return one text that does what `migrate` would do, on any database, as often as one likes.

    It holds nothing of the day or machine that it is made on: the same migrations give the same text.
    """
    migrations = read_migrations(directory or migrations_dir())
    records, log, version = RECORD_TABLES
    parts = {
        "newest": migrations[-1].file.name,
        "inside": literal(schema),
        "face": literal(face),
        "migrations": _listed(migrations),
        "settings": literal(json.dumps({**SETTINGS, "lock_timeout": "5s"})),
        "lock": str(KEY),
        "records": f"{schema}.{records}",
        "log": f"{schema}.{log}",
        "version": f"{schema}.{version}",
        "preflight": preflight.block(),
        "create_schema": _lines(schema_statements(schema)),
        "finish_records": _lines(record_table_statements(schema)),
        "statements": "".join(map(_block, migrations)),
    }
    template = read_text(Path(__file__).with_suffix(".sql"))
    return re.sub(r"\{(\w+)\}", lambda match: parts[match[1]], template)


def _listed(migrations: MigrationList) -> str:
    rows = (
        {"id": m.id, "checksum": m.checksum, "creates": sorted(preflight.names_created([m]))}
        for m in migrations
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
