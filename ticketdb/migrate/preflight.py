"""What must hold in the application's database before the first change."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from psycopg import Connection
from psycopg.errors import RaiseException
from psycopg.rows import TupleRow

from ticketdb.migrate.errors import HostUnsuitable
from ticketdb.migrate.files import SqlMigration, read_text
from ticketdb.migrate.quoting import dollar_quoted, literal, text_array
from ticketdb.migrate.state import RECORD_TABLES, MigrationStatus

# Statements start in the first column; what stands indented in a `do` block makes things only where they are
# missing, and so does `if not exists`.
_RELATION_OR_FUNCTION = re.compile(
    r"^create (?:or replace )?(?:unlogged |materialized )?"
    r"(?:table|view|sequence|type|domain|function|procedure) "
    r"(?P<schema>[a-z_][a-z0-9_]*)\.(?P<name>[a-z_][a-z0-9_]*)",
    re.MULTILINE,
)
_INDEX = re.compile(
    r"^create (?:unique )?index (?!if\b|concurrently\b)(?P<name>[a-z_][a-z0-9_]*)"
    r"\s+on (?P<schema>[a-z_][a-z0-9_]*)\.",
    re.MULTILINE,
)


def check(
    connection: Connection[TupleRow],
    migrations: Iterable[SqlMigration],
    state: MigrationStatus,
    *,
    inside: str,
    face: str,
) -> None:
    """Stop before the first change where a pending migration would meet something that is not ours."""
    migrations = list(migrations)
    ours = names_created(m for m in migrations if m.id in state.applied)
    wanted = sorted(names_created(m for m in migrations if m.id in state.pending) - ours)
    given = {
        "v_inside text": literal(inside),
        "v_face text": literal(face),
        "v_schemas text[]": text_array(schema for schema, _ in wanted),
        "v_names text[]": text_array(name for _, name in wanted),
        "v_is_new boolean": literal(str(not state.applied)),
    }
    try:
        connection.execute(_alone(given))
    except RaiseException as error:
        raise HostUnsuitable(error.diag.message_primary or "", error.diag.message_hint or "") from None


def block() -> str:
    """Return the check as a block of PL/pgSQL; the file says what must stand around it."""
    text = read_text(Path(__file__).with_suffix(".sql"))
    return text.replace("{record_tables}", ", ".join(map(literal, RECORD_TABLES)))


def names_created(migrations: Iterable[SqlMigration]) -> set[tuple[str, str]]:
    """Return schema and name of everything that these migrations create unconditionally."""
    names = set()
    for migration in migrations:
        migration.load()
        for pattern in (_RELATION_OR_FUNCTION, _INDEX):
            names |= {(match["schema"], match["name"]) for match in pattern.finditer(migration.text)}
    return names


def _alone(given: Mapping[str, str]) -> str:
    declarations = "\n".join(f"    {variable} := {value};" for variable, value in given.items())
    return "do " + dollar_quoted(f"\ndeclare\n{declarations}\nbegin\n{block()}end\n", "ticketdb")
