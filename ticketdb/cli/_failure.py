"""Which errors are answers, and how they read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from ticketdb.errors import TicketDBError, from_database

# exit statuses
REFUSED = 1
PENDING = 3


class CommandError(Exception):
    """A command cannot do what it was asked for."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """A file that cannot be written is an answer."""
    try:
        yield
    except OSError as error:
        raise CommandError(
            f"cannot write {path}: {error.strerror}", "Name a file in a folder of yours."
        ) from error


@dataclass(frozen=True, slots=True)
class Failure:
    """What is wrong, and the next step."""

    message: str
    hint: str | None


def explain(error: Exception) -> Failure | None:
    """What to tell about an error; None for one that nobody expected."""
    # here and not above: most commands need neither module
    from ticketdb.embedded import EmbeddedError
    from ticketdb.migrate import MigrationError

    if isinstance(error, psycopg.Error):
        return _explain_database(error)
    if isinstance(error, (CommandError, TicketDBError, MigrationError, EmbeddedError)):
        return Failure(error.message, error.hint)
    return None


def _explain_database(error: psycopg.Error) -> Failure:
    ours = from_database(error)
    if ours is not None:
        return Failure(ours.message, ours.hint)
    diag = error.diag
    if diag.message_primary is None:
        return Failure(
            str(error).strip() or type(error).__name__,
            "Check the server and the DSN; `ticketdb up` starts a server for this folder.",
        )
    detail = f" ({diag.message_detail})" if diag.message_detail else ""
    return Failure(f"{diag.message_primary}{detail} [SQLSTATE {error.sqlstate}]", diag.message_hint)
