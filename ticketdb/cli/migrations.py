"""migrate, status, rollback, seed."""

from typing import Annotated

import typer

from ticketdb.cli._dsn import Dsn, connect, resolve
from ticketdb.cli._failure import PENDING, REFUSED
from ticketdb.cli._output import Json, say, show

LockTimeout = Annotated[
    float,
    typer.Option(
        "--lock-timeout", min=0.001, metavar="SECONDS", help="How long to wait for the application's locks."
    ),
]


def _talk(text: str) -> None:
    say("step", text)


def migrate(
    dsn: Dsn = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Name what would be applied; change nothing.")
    ] = False,
    lock_timeout: LockTimeout = 5.0,
) -> None:
    """Install ticketdb in a database, or bring it up to date."""
    from ticketdb.migrate import migrate as apply

    report = apply(resolve(dsn), dry_run=dry_run, lock_timeout=lock_timeout, progress=_talk)
    for name in report.applied:
        typer.echo(name)
    if not report.applied:
        say("done", "up to date, nothing to apply")
    elif dry_run:
        say("done", "these are pending; without --dry-run they are applied")
    else:
        say("done", "ticketdb is installed; next: ticketdb doctor")


def status(
    dsn: Dsn = None,
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code", help="Exit with 3 if something is pending, with 1 if something is wrong."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Compare the migrations of the database with those of this package."""
    from ticketdb.migrate import status as compare

    found = compare(resolve(dsn))
    states = [
        *((name, "edited" if name in found.edited else "applied") for name in found.applied),
        *((name, "unknown") for name in found.unknown),
        *((name, "pending") for name in found.pending),
    ]
    show([{"migration": name, "state": state} for name, state in states], as_json)
    if exit_code and (found.edited or found.unknown):
        raise typer.Exit(REFUSED)
    if exit_code and found.pending:
        raise typer.Exit(PENDING)


def rollback(
    dsn: Dsn = None,
    to: Annotated[str | None, typer.Option("--to", metavar="ID", help="Last migration to keep.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", envvar="TICKETDB_ROLLBACK_ALL", help="Take ticketdb out altogether.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Even if tickets were sold.")] = False,
    lock_timeout: LockTimeout = 5.0,
) -> None:
    """Take out the newest migration, those after --to, or all. The application's own rows stay."""
    from ticketdb.migrate import rollback as take_out

    if to is not None and everything:
        raise typer.BadParameter("give one of the two", param_hint="--to / --all")
    gone = take_out(
        resolve(dsn), to=to, everything=everything, force=force, lock_timeout=lock_timeout, progress=_talk
    )
    for name in gone:
        typer.echo(name)
    if not gone:
        say("done", "nothing to take out")


def wellness(dsn: Dsn = None) -> None:
    """Yoga and zumba, daily."""
    from ticketdb._resources import sql_dir

    with connect(dsn) as db:
        db.connection.execute((sql_dir() / "seeds" / "wellness.sql").read_bytes())
    say("done", "yoga and zumba are there; next: ticketdb generate yoga-morning --from DATE --to DATE")
