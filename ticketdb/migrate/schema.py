"""The schema that the runner makes for itself: created before the first migration, dropped after the last."""

from typing import Any

from psycopg import Connection, sql

from ticketdb.migrate.state import RECORD_TABLES

# also the sign that the schema is the runner's own work, and so the runner's to drop
_SCHEMA_COMMENT = (
    "Inside of the ticketing system: counters, settings, migration records. Made by its migrations."
)
_COMMENTS = {
    RECORD_TABLES[0]: {
        "": "Migrations\n\nOne row for each migration that is applied.",
        "migration_hash": "Hash of the id",
        "migration_id": "Name of the migration",
        "applied_at_utc": "When it was applied",
        "checksum": "SHA-256 of its file when it was applied",
    },
    RECORD_TABLES[1]: {
        "": "Log of migrations\n\nOne row each time one was applied or taken out.",
        "id": "Identity",
        "migration_hash": "Hash of the id",
        "migration_id": "Name of the migration",
        "operation": "apply or rollback",
        "username": "Operating system user who ran it",
        "hostname": "Machine that it was run on",
        "comment": "Remark of yoyo's",
        "created_at_utc": "When it was done",
    },
    RECORD_TABLES[2]: {
        "": "Version of yoyo's tables",
        "version": "Version",
        "installed_at_utc": "When it was installed",
    },
}


def create_schema(connection: Connection[Any], schema: str) -> None:
    """Make the schema, closed to everyone else, unless somebody has made it before."""
    found = connection.execute("select from pg_catalog.pg_namespace where nspname = %s", (schema,))
    if not found.rowcount:
        for statement in schema_statements(schema):
            connection.execute(statement)


def schema_statements(schema: str) -> list[sql.Composed]:
    """Return what makes the schema."""
    name = sql.Identifier(schema)
    return [
        sql.SQL("create schema {}").format(name),
        sql.SQL("revoke all on schema {} from public").format(name),
        sql.SQL("comment on schema {} is {}").format(name, _SCHEMA_COMMENT),
    ]


def finish_record_tables(connection: Connection[Any], schema: str) -> None:
    """Give yoyo's tables, just made, the checksum and their comments."""
    for statement in record_table_statements(schema):
        connection.execute(statement)


def record_table_statements(schema: str) -> list[sql.Composed]:
    """Return what yoyo's own tables lack."""
    statements = [
        sql.SQL("alter table {} add column checksum text").format(sql.Identifier(schema, RECORD_TABLES[0]))
    ]
    for table, comments in _COMMENTS.items():
        for column, comment in comments.items():
            kind, name = ("column", sql.Identifier(schema, table, column)) if column else (
                "table", sql.Identifier(schema, table),
            )  # fmt: skip
            statements.append(sql.SQL("comment on {} {} is {}").format(sql.SQL(kind), name, comment))
    return statements


def drop_records(connection: Connection[Any], schema: str) -> None:
    """Drop the record tables, and the schema if the runner made it."""
    with connection.transaction():
        for table in RECORD_TABLES:
            connection.execute(sql.SQL("drop table if exists {}").format(sql.Identifier(schema, table)))
        made_by_us = connection.execute(
            "select from pg_catalog.pg_namespace as n"
            " where n.nspname = %s and pg_catalog.obj_description(n.oid, 'pg_namespace') = %s",
            (schema, _SCHEMA_COMMENT),
        ).rowcount
        if made_by_us:
            connection.execute(sql.SQL("drop schema {}").format(sql.Identifier(schema)))
