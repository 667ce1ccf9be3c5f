"""What the records in the database say, compared with the files."""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import Connection, sql
from psycopg.rows import TupleRow

from ticketdb.migrate.errors import DatabaseNewer, EditedMigration
from ticketdb.migrate.files import SqlMigration

RECORDS = "ticket_migrations"
RECORD_TABLES = (RECORDS, "ticket_migrations_log", "ticket_migrations_version")


@dataclass(frozen=True)
class MigrationStatus:
    """Which migrations the database has, and which it lacks; ids in their order."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]
    edited: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def up_to_date(self) -> bool:
        """Tell whether the database has exactly what the package has."""
        return not (self.pending or self.edited or self.unknown)


def read_records(connection: Connection[TupleRow], schema: str) -> dict[str, str | None]:
    """Return id and checksum of every applied migration; nothing where ticketdb is not installed."""
    table = sql.Identifier(schema, RECORDS)
    found = connection.execute("select to_regclass(%s)", (table.as_string(connection),)).fetchone()
    if found is None or found[0] is None:
        return {}
    query = sql.SQL("select r.migration_id, r.checksum from {} as r order by r.migration_id").format(table)
    return dict(connection.execute(query).fetchall())


def compare(migrations: Iterable[SqlMigration], records: dict[str, str | None]) -> MigrationStatus:
    """Compare the files with the records."""
    files = {migration.id: migration for migration in migrations}
    return MigrationStatus(
        applied=tuple(name for name in records if name in files),
        pending=tuple(name for name in files if name not in records),
        edited=tuple(name for name in files if name in records and records[name] != files[name].checksum),
        unknown=tuple(name for name in records if name not in files),
    )


def refuse_unless_ours(state: MigrationStatus) -> None:
    """Stop where the database and the package do not have one history."""
    if state.unknown:
        raise DatabaseNewer(
            f"The database has migrations that this package does not know: {', '.join(state.unknown)}.",
            "Install the newer package: pip install --upgrade ticketdb",
        )
    if state.edited:
        raise EditedMigration(
            f"Changed after being applied: {', '.join(state.edited)}.",
            "Reinstall ticketdb to have the released files again; a change goes into a new migration.",
        )
