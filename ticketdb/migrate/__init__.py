"""Applies, compares and takes out the migrations of ticketdb, on yoyo-migrations."""

from ticketdb.migrate.as_sql import export
from ticketdb.migrate.errors import (
    Blocked,
    DatabaseNewer,
    EditedMigration,
    HostUnsuitable,
    MigrationError,
    RunInProgress,
    StatementFailed,
    TicketsSold,
    TransactionPooler,
)
from ticketdb.migrate.runner import MigrationReport, migrate, rollback, status
from ticketdb.migrate.state import MigrationStatus

__all__ = [
    "Blocked",
    "DatabaseNewer",
    "EditedMigration",
    "HostUnsuitable",
    "MigrationError",
    "MigrationReport",
    "MigrationStatus",
    "RunInProgress",
    "StatementFailed",
    "TicketsSold",
    "TransactionPooler",
    "export",
    "migrate",
    "rollback",
    "status",
]
