"""The command line: `ticketdb COMMAND`."""

import typer

from ticketdb.cli import (
    bench,
    calendars,
    checks,
    door,
    events,
    export,
    legacy,
    maintain,
    migrations,
    notifications,
    report,
    roles,
    sales,
    server,
)
from ticketdb.cli._app import app

_PANELS = {
    "Start": (server.demo, server.up, server.down),
    "Installation": (
        migrations.migrate,
        migrations.status,
        migrations.rollback,
        export.export,
        roles.roles,
        legacy.link_legacy,
    ),
    "Events": (
        events.generate,
        events.availability,
        events.participants,
        calendars.ics,
        calendars.import_ics,
    ),
    "Selling": (sales.reserve, sales.confirm, sales.release, sales.cancel),
    "The door": (door.check_in, door.ticket),
    "Reports": (report.report,),
    "Running": (maintain.maintain,),
    "Checks": (checks.verify, checks.doctor, bench.bench),
}

for _panel, _commands in _PANELS.items():
    for _command in _commands:
        app.command(rich_help_panel=_panel)(_command)


# a callback makes it a group though it has one command
@(_seeds := typer.Typer(no_args_is_help=True)).callback()
def _seed() -> None:
    """Fill in ready-made events."""


_seeds.command()(migrations.wellness)
app.add_typer(_seeds, name="seed", rich_help_panel="Events")


@(_messages := typer.Typer(no_args_is_help=True)).callback()
def _notifications() -> None:
    """Send what holders of tickets have to be told."""


_messages.command()(notifications.run)
_messages.command("list")(notifications.list_notifications)
_messages.command()(notifications.retry)
app.add_typer(_messages, name="notifications", rich_help_panel="Running")


def main() -> None:
    """Run the command line and exit with its status."""
    app(prog_name="ticketdb")
