"""notifications run, list, retry."""

import shlex
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from psycopg.rows import dict_row

from ticketdb import Retry, TicketDB
from ticketdb._stop import until_stopped
from ticketdb.cli._dsn import Dsn, complain, connect, resolve
from ticketdb.cli._failure import REFUSED, CommandError
from ticketdb.cli._output import Json, say, show
from ticketdb.models import Notification
from ticketdb.notifications.runner import Runner, Send

if TYPE_CHECKING:
    from ticketdb.notifications.command import Command
    from ticketdb.notifications.webhook import Webhook

# beyond what sending takes: enough to say so, over a new connection if need be
_MARGIN = timedelta(seconds=30)
# a post may take the timeout to connect, to write, and to read more than once
_WAITS = 4
_LIST = """
select
    n.id as notification_id, n.kind, n.status, r.reservation_code, p.pass_code, n.attempts, n.due_at,
    n.completed_at, n.last_error
from public.ticket_notifications as n
left join public.ticket_reservations as r on r.id = n.reservation_id
left join public.event_passes as p on p.id = n.pass_id
where n.status = %s
order by n.id desc
limit %s
"""


class Status(StrEnum):
    """What becomes of a message."""

    PENDING = "pending"
    SENT = "sent"
    SKIPPED = "skipped"
    DEAD = "dead"


def run(
    dsn: Dsn = None,
    command: Annotated[
        str | None,
        typer.Option("--command", metavar="CMD", help="Runs for each message, with it as JSON on stdin."),
    ] = None,
    webhook: Annotated[
        str | None, typer.Option("--webhook", metavar="URL", help="Each message is posted to it, signed.")
    ] = None,
    secret: Annotated[
        str | None,
        typer.Option(
            "--secret",
            metavar="SECRET",
            help="Signs what is posted: whsec_ and base64. Better in the environment than in the arguments.",
            show_default=False,
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Send what is due, then end.")] = False,
    batch: Annotated[
        int, typer.Option("--batch", min=1, max=100, metavar="N", help="So many at the same time.")
    ] = 10,
    interval: Annotated[
        float,
        typer.Option(
            "--interval", min=0.1, max=86400, metavar="SECONDS", help="Look for more at least so often."
        ),
    ] = 1,
    timeout: Annotated[
        float,
        typer.Option("--timeout", min=0.1, max=3600, metavar="SECONDS", help="Sending one takes at most."),
    ] = 10,
) -> None:
    """Send what is in the outbox: by a command, or to a webhook.

    A message that is not taken is tried again after a minute, then two, and so on: ten times in all. With
    --once the exit status is 1 if one was not taken.
    """
    address = resolve(dsn)
    with _sender(command, webhook, secret, timeout) as send, TicketDB(address, retry=Retry()) as db:
        runner = Runner(
            db,
            send,
            _report,
            batch=batch,
            lease=timedelta(seconds=_WAITS * timeout) + _MARGIN,
            listens=not once and _keeps_sessions(db, address),
        )
        with until_stopped() as stop:
            if once:
                runner.drain(stop)
            else:
                runner.run(stop, interval, lambda error: complain(error, address))
    if once and runner.failed:
        raise typer.Exit(REFUSED)


def list_notifications(
    dsn: Dsn = None,
    status: Annotated[
        Status, typer.Option("--status", metavar="STATUS", help=f"One of {', '.join(Status)}.")
    ] = Status.DEAD,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="The newest so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List messages: those that were given up, unless told otherwise."""
    with connect(dsn) as db:
        rows = db.connection.cursor(row_factory=dict_row).execute(_LIST, (status, limit)).fetchall()
        show(rows, as_json, empty=f"no message is {status}")


def retry(
    notification: Annotated[int, typer.Argument(help="Id of the message.", metavar="NOTIFICATION")],
    dsn: Dsn = None,
    as_json: Json = False,
) -> None:
    """Put a message that was given up, or is to be sent again, back into the outbox."""
    with connect(dsn) as db:
        show([db.retry_notification(notification)], as_json)


@contextmanager
def _sender(command: str | None, webhook: str | None, secret: str | None, timeout: float) -> Iterator[Send]:
    if command is not None and webhook is None:
        yield _to_command(command, timeout)
    elif webhook is not None and command is None:
        with closing(_to_webhook(webhook, secret, timeout)) as post:
            yield post
    else:
        raise typer.BadParameter("give either --command or --webhook")


def _to_command(command: str, timeout: float) -> "Command":
    from ticketdb.notifications.command import Command

    try:
        arguments = shlex.split(command)
    except ValueError as error:
        raise typer.BadParameter(f"--command cannot be read: {error}") from None
    if not arguments:
        raise typer.BadParameter("--command is empty")
    return Command(arguments, timeout)


def _to_webhook(url: str, secret: str | None, timeout: float) -> "Webhook":
    try:
        from ticketdb.notifications.webhook import Webhook, is_address, key_of
    except ImportError:
        raise CommandError(
            "posting to a webhook needs the package httpx2", "pip install 'ticketdb[notifications]'"
        ) from None
    if not is_address(url):
        # without the URL, which may have a secret in it
        raise typer.BadParameter("--webhook is no URL of http:// or https://")
    if not secret:
        raise typer.BadParameter("--webhook needs a secret: TICKETDB_NOTIFICATIONS_RUN_SECRET or --secret")
    try:
        key = key_of(secret)
    except ValueError as error:
        raise typer.BadParameter(f"the secret is not whsec_ and base64: {error}") from None
    return Webhook(url, key, timeout)


def _keeps_sessions(db: TicketDB, address: str) -> bool:
    """Whether the database can wake us: a pooler of transactions would wake somebody else."""
    from ticketdb.migrate.pooler import pools_transactions

    return not pools_transactions(db.connection, address)


def _report(message: Notification, error: str | None) -> None:
    text = f"{message.kind} {message.notification_id}"
    if error is None:
        say("done", f"{text} is sent")
    else:
        say("error", f"{text} is not sent at attempt {message.attempts}: {error}")
