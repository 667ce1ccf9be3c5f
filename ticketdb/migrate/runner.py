"""What callers use: migrate, status, rollback."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
from yoyo.migrations import MigrationList

from ticketdb._resources import migrations_dir
from ticketdb.migrate import preflight
from ticketdb.migrate.backend import Backend
from ticketdb.migrate.errors import MigrationError
from ticketdb.migrate.files import PREFIX, SqlMigration, read_migrations
from ticketdb.migrate.lock import run_lock
from ticketdb.migrate.schema import drop_records
from ticketdb.migrate.sold import dropped_sales, refuse_if_sold
from ticketdb.migrate.state import MigrationStatus, compare, read_records, refuse_unless_ours

Progress = Callable[[str], None]


@dataclass(frozen=True)
class MigrationReport:
    """Ids of the migrations that were applied, or that a dry run would apply."""

    applied: tuple[str, ...]
    dry_run: bool = False


def migrate(
    dsn: str,
    *,
    dry_run: bool = False,
    lock_timeout: float = 5.0,
    wait: float = 600.0,
    directory: Path | None = None,
    schema: str = "ticketdb",
    face: str = "public",
    progress: Progress | None = None,
) -> MigrationReport:
    """Apply every pending migration.

    `lock_timeout` bounds, in seconds, how long a statement waits for the application's transactions, and
    `wait` how long this run waits for another one. `schema` and `face` name the inner and the outer schema of
    a relocated copy in `directory`.
    """
    say = progress or _silent
    migrations = read_migrations(directory or migrations_dir())
    with Backend(dsn, schema, lock_timeout) as backend:
        if dry_run:
            return MigrationReport(_pending(backend, migrations, face), dry_run=True)
        with run_lock(backend.connection, wait, say):
            applied = _pending(backend, migrations, face)
            if applied:
                backend.ensure_internal_schema_updated()
            for migration in migrations:
                if migration.id in applied:
                    say(f"applying {migration.id}")
                    backend.apply_one(migration)
            return MigrationReport(applied)


def status(dsn: str, *, directory: Path | None = None, schema: str = "ticketdb") -> MigrationStatus:
    """Compare the database with the package, writing nothing."""
    migrations = read_migrations(directory or migrations_dir())
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as connection:
        return compare(migrations, read_records(connection, schema))


def rollback(
    dsn: str,
    *,
    to: str | None = None,
    everything: bool = False,
    force: bool = False,
    lock_timeout: float = 5.0,
    wait: float = 600.0,
    directory: Path | None = None,
    schema: str = "ticketdb",
    face: str = "public",
    progress: Progress | None = None,
) -> tuple[str, ...]:
    """Take out the newest migration, all newer than `to`, or everything; return their ids in that order.

    Refuses to drop sold tickets unless `force` is set.
    """
    say = progress or _silent
    migrations = read_migrations(directory or migrations_dir())
    with Backend(dsn, schema, lock_timeout) as backend, run_lock(backend.connection, wait, say):
        connection = backend.connection
        state = compare(migrations, read_records(connection, schema))
        refuse_unless_ours(state)
        chosen = _newest_first(migrations, state.applied, to, everything)

        def check(*dropping: SqlMigration) -> None:
            tables = set().union(*(dropped_sales(migration, face) for migration in dropping))
            if tables and not force:
                refuse_if_sold(connection, face, tables)

        # once for all of it before the first change, and again in each transaction that drops
        check(*chosen)
        for migration in chosen:
            say(f"rolling back {migration.id}")
            backend.rollback_one(migration, check=partial(check, migration))
        if everything:
            drop_records(connection, schema)
        return tuple(migration.id for migration in chosen)


def _pending(backend: Backend, migrations: MigrationList, face: str) -> tuple[str, ...]:
    state = compare(migrations, read_records(backend.connection, backend.schema))
    refuse_unless_ours(state)
    if state.pending:
        preflight.check(backend.connection, migrations, state, inside=backend.schema, face=face)
    return state.pending


def _newest_first(
    migrations: MigrationList, applied: tuple[str, ...], to: str | None, everything: bool
) -> list[SqlMigration]:
    chosen = [migration for migration in reversed(list(migrations)) if migration.id in applied]
    if everything:
        return chosen
    if to is None:
        return chosen[:1]
    # 0002, 0002_tables and ticketdb-0002_tables all name one migration
    name = to.removeprefix(PREFIX)
    matches = [
        number for number, m in enumerate(chosen) if name in (m.file.stem, m.file.stem.partition("_")[0])
    ]
    if not matches:
        raise MigrationError(
            f"{to} is not an applied migration.", f"Applied: {', '.join(applied) or 'none'}."
        )
    return chosen[: matches[0]]


def _silent(_: str) -> None:
    pass
