"""What must hold in the application's database before the first change."""

import re
from collections.abc import Iterable, Iterator

from psycopg import Connection, sql
from psycopg.rows import TupleRow

from ticketdb.migrate.errors import HostUnsuitable
from ticketdb.migrate.files import SqlMigration
from ticketdb.migrate.host import host_problems
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

_TAKEN = """
    select w.schema, w.name, x.kind
    from unnest(%(schemas)s::text[], %(names)s::text[]) as w (schema, name)
    join pg_catalog.pg_namespace as n on n.nspname = w.schema
    cross join lateral (
        select case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'i' then 'index'
                              when 'S' then 'sequence' when 'c' then 'type' else 'table' end
        from pg_catalog.pg_class as c where c.relnamespace = n.oid and c.relname = w.name
        union
        select 'type' from pg_catalog.pg_type as t
        where t.typnamespace = n.oid and t.typname = w.name and t.typrelid = 0
        union
        select 'function' from pg_catalog.pg_proc as p where p.pronamespace = n.oid and p.proname = w.name
    ) as x (kind)
    order by w.schema, w.name
"""
_STRANGERS = """
    select coalesce(o.identity, '?')
    from (
        select 'pg_catalog.pg_class'::regclass as class, c.oid from pg_catalog.pg_class as c
        where c.relnamespace = %(schema)s::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
          and c.relname <> all (%(ours)s)
        union all
        select 'pg_catalog.pg_proc'::regclass, p.oid from pg_catalog.pg_proc as p
        where p.pronamespace = %(schema)s::regnamespace
    ) as x
    cross join lateral pg_catalog.pg_identify_object(x.class, x.oid, 0) as o
    order by 1
"""


def check(
    connection: Connection[TupleRow],
    migrations: Iterable[SqlMigration],
    state: MigrationStatus,
    *,
    inside: str,
    face: str,
) -> None:
    """Stop before the first change where a pending migration would meet something that is not ours."""
    problems = [*_taken_names(connection, migrations, state), *host_problems(connection, face)]
    if not state.applied and inside != face:
        problems += _strangers(connection, inside)
    problems += _missing_rights(connection, inside, face)
    problems += _wrong_encoding(connection)
    if problems:
        raise HostUnsuitable(
            "This database cannot take ticketdb as it is:\n"
            + "\n".join(f"  {problem}" for problem in problems),
            "Nothing was changed. Rename, move or mend what is listed, then run it again.",
        )


def names_created(migrations: Iterable[SqlMigration]) -> set[tuple[str, str]]:
    """Return schema and name of everything that these migrations create unconditionally."""
    names = set()
    for migration in migrations:
        migration.load()
        for pattern in (_RELATION_OR_FUNCTION, _INDEX):
            names |= {(match["schema"], match["name"]) for match in pattern.finditer(migration.text)}
    return names


def _taken_names(
    connection: Connection[TupleRow], migrations: Iterable[SqlMigration], state: MigrationStatus
) -> Iterator[str]:
    migrations = list(migrations)
    ours = names_created(m for m in migrations if m.id in state.applied)
    wanted = sorted(names_created(m for m in migrations if m.id in state.pending) - ours)
    taken = connection.execute(
        _TAKEN, {"schemas": [schema for schema, _ in wanted], "names": [name for _, name in wanted]}
    )
    for schema, name, kind in taken:
        yield f"there is a {kind} {schema}.{name}, a name that ticketdb needs"


def _strangers(connection: Connection[TupleRow], inside: str) -> list[str]:
    if not _ask(connection, "select to_regnamespace(%s) is not null", _quoted(connection, inside)):
        return []
    rows = connection.execute(
        _STRANGERS, {"schema": _quoted(connection, inside), "ours": list(RECORD_TABLES)}
    )
    return [f"schema {inside} is not empty: there is {identity}" for (identity,) in rows]


def _missing_rights(connection: Connection[TupleRow], inside: str, face: str) -> Iterator[str]:
    user = connection.info.user
    may_create = "select has_schema_privilege(to_regnamespace(%s), 'create')"
    for schema in sorted({inside, face}):
        allowed = _ask(connection, may_create, _quoted(connection, schema))
        # null where the schema is absent; only the inner one is then made
        if allowed is None and schema == inside:
            if not _ask(connection, "select has_database_privilege(current_database(), %s)", "create"):
                yield f"{user} may not create schema {schema} in this database"
        elif not allowed:
            yield f"{user} may not create anything in schema {schema}"


def _wrong_encoding(connection: Connection[TupleRow]) -> Iterator[str]:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        yield f"its encoding is {encoding}, and ticketdb needs UTF8"


def _quoted(connection: Connection[TupleRow], name: str) -> str:
    return sql.Identifier(name).as_string(connection)


def _ask(connection: Connection[TupleRow], query: str, argument: str) -> object:
    row = connection.execute(query, (argument,)).fetchone()
    return row[0] if row else None
