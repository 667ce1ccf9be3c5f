"""What can go wrong. Each error says what is there and what to do next."""


class MigrationError(Exception):
    """The database was left as it was before the migration that the message names."""

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep what happened (`message`) apart from the next step (`hint`)."""
        super().__init__(message)
        self.message = message
        self.hint = hint


class EditedMigration(MigrationError):
    """A file differs from what was applied."""


class DatabaseNewer(MigrationError):
    """The database has migrations that this package does not know."""


class HostUnsuitable(MigrationError):
    """The application's database has a name of ours, or lacks what our triggers need."""


class TransactionPooler(MigrationError):
    """The connection goes through a pooler that gives each transaction another session."""


class RunInProgress(MigrationError):
    """Another run did not end in time."""


class TicketsSold(MigrationError):
    """A rollback would drop tickets that people paid for."""


class StatementFailed(MigrationError):
    """A statement of a migration failed; the migration is not applied."""

    def __init__(
        self, message: str, hint: str = "", *, file: str, line: int, statement: str, sqlstate: str | None
    ) -> None:
        """Name the place of the statement and the SQLSTATE of its failure."""
        super().__init__(message, hint)
        self.file = file
        self.line = line
        self.statement = statement
        self.sqlstate = sqlstate


class Blocked(StatementFailed):
    """A statement waited longer than `lock_timeout` for a lock."""
