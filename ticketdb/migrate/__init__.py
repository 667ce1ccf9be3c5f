"""Applies, compares and takes out the migrations of ticketdb, on yoyo-migrations."""

from ticketdb.migrate.as_sql import EDITOR_LIMIT, export, export_parts
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
    "EDITOR_LIMIT",
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
    "export_parts",
    "migrate",
    "rollback",
    "status",
]
