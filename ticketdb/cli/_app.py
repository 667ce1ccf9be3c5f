"""The application object, and what becomes of an error that a command meets."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ticketdb._version import __version__
from ticketdb.cli._dsn import without_password
from ticketdb.cli._failure import REFUSED, explain
from ticketdb.cli._output import say


class Commands(TyperGroup):
    """Turns expected errors into a message, a hint and exit status 1; a traceback is for faults of ours."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            failure = explain(error)
            if failure is None:
                raise
            dsn = ctx.meta.get("ticketdb.dsn", "")
            say("error", without_password(failure.message, dsn))
            if failure.hint:
                say("hint", without_password(failure.hint, dsn))
            raise typer.Exit(REFUSED) from error


app = typer.Typer(
    name="ticketdb",
    cls=Commands,
    no_args_is_help=True,
    help="Turn a PostgreSQL database into an event-ticketing system that cannot oversell.",
    epilog="Every option can come from the environment: TICKETDB_COMMAND_OPTION, and TICKETDB_DSN for all.",
    # gives each option of each command its variable
    context_settings={"auto_envvar_prefix": "TICKETDB", "help_option_names": ["-h", "--help"]},
    pretty_exceptions_show_locals=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ticketdb {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Show the version and exit.",
            callback=_show_version,
            is_eager=True,
            # TICKETDB_VERSION in a build's environment is not a wish to see it
            allow_from_autoenv=False,
        ),
    ] = False,
) -> None:
    pass
