"""up, down, demo: the embedded server."""

from pathlib import Path

import typer

from ticketdb.cli._output import say, stdout


def up() -> None:
    """Start the embedded server of this folder and print its DSN. Its data stays in .ticketdb/."""
    from ticketdb import embedded

    typer.echo(embedded.up(Path.cwd()))


def down() -> None:
    """Stop the embedded server of this folder. Its data is kept."""
    from ticketdb import embedded

    stopped = embedded.down(Path.cwd())
    say("done", "the server is stopped" if stopped else "no server of this folder was up")


def demo() -> None:
    """Show the main job from start to end on an embedded server; nothing else is needed."""
    from ticketdb import demo as demonstration

    demonstration.run(stdout())
