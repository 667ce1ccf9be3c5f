"""Applies, compares and takes out the migrations of ticketdb, on yoyo-migrations."""

from ticketdb.migrate.errors import (
    Blocked,
    DatabaseNewer,
    EditedMigration,
    HostUnsuitable,
    MigrationError,
    RunInProgress,
    StatementFailed,
    TicketsSold,
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
    "migrate",
    "rollback",
    "status",
]
