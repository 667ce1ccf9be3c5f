"""Which database a command works on, and how to speak of it without its password."""

from pathlib import Path
from typing import Annotated
from urllib.parse import unquote

import psycopg
import typer
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ticketdb import TicketDB
from ticketdb.cli._failure import CommandError, explain
from ticketdb.cli._output import say

_SECRETS = ("password", "sslpassword", "oauth_client_secret")


def _check(ctx: typer.Context, dsn: str | None) -> str | None:
    """Refuse what libpq would misread: its own message would show parts of the password."""
    if not dsn:
        return None
    try:
        password = conninfo_to_dict(dsn).get("password") or ""
    except psycopg.ProgrammingError:
        raise typer.BadParameter(
            "neither a URL (postgresql://user@host/database) nor a key=value string (host=... dbname=...)"
        ) from None
    if dsn.startswith(("postgresql://", "postgres://")):
        credentials, at, _ = dsn.partition("://")[2].partition("?")[0].rpartition("@")
        if at and unquote(credentials.partition(":")[2]) != password:
            raise typer.BadParameter(
                "write @ as %40, / as %2F and : as %3A in the user name and the password"
            )
    ctx.meta["ticketdb.dsn"] = dsn
    return dsn


Dsn = Annotated[
    str | None,
    typer.Option(
        "--dsn",
        envvar="TICKETDB_DSN",
        callback=_check,
        metavar="DSN",
        help="Database: a URL or key=value string of libpq. Without it: the server of `ticketdb up`.",
        show_default=False,
    ),
]


def resolve(dsn: str | None) -> str:
    """The DSN to use: the one that was given, else that of the embedded server of this folder."""
    if dsn:
        return dsn
    from ticketdb import embedded

    found = embedded.running(Path.cwd())
    if found is None:
        raise CommandError(
            "no database was named, and no server of this folder is up",
            "Start one with `ticketdb up`, or name yours with --dsn or TICKETDB_DSN.",
        )
    return found


def connect(dsn: str | None) -> TicketDB:
    """The client on that database."""
    return TicketDB(resolve(dsn))


def safe(dsn: str) -> str:
    """The DSN as it may be shown."""
    values = conninfo_to_dict(dsn)
    return make_conninfo("", **{k: "***" if k in _SECRETS else v for k, v in values.items()})


def complain(error: Exception, dsn: str) -> None:
    """Say what went wrong where the work goes on."""
    failure = explain(error)
    say("error", without_password(failure.message if failure else str(error), dsn))


def without_password(text: str, dsn: str) -> str:
    """The text with the DSN's secrets blotted out."""
    values = conninfo_to_dict(dsn)
    # a password that equals the user's or the database's name would blot out those
    public = {value for key, value in values.items() if key not in _SECRETS}
    text = text.replace(dsn, safe(dsn)) if dsn else text
    for secret in (values.get(key) for key in _SECRETS):
        if secret and secret not in public:
            text = text.replace(str(secret), "***")
    return text
