"""export: the migrations as SQL."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from ticketdb.cli._failure import CommandError
from ticketdb.cli._output import say

_VERSION = "%Y%m%d%H%M%S"
_FILE_NAME = re.compile(r"([0-9]{14})_.*\.sql")
# where the folder has no file yet
_FIRST = datetime(2026, 1, 1)


def export(
    supabase: Annotated[
        Path | None,
        typer.Option(
            "--supabase", metavar="DIR", help="Write it as a file into this folder, your supabase/migrations."
        ),
    ] = None,
    parts: Annotated[
        Path | None,
        typer.Option(
            "--parts",
            metavar="DIR",
            help="Write it into this folder in parts that Supabase's SQL editor takes, to be run in order.",
        ),
    ] = None,
) -> None:
    """Print what `ticketdb migrate` does as one text of SQL, which can be run again and again."""
    from ticketdb.migrate import export as migrations_as_sql

    if supabase is not None and parts is not None:
        raise typer.BadParameter("give either --supabase or --parts")
    if parts is not None:
        _show_parts(parts)
    elif supabase is not None:
        _show_file(supabase, migrations_as_sql())
    else:
        typer.echo(migrations_as_sql(), nl=False)
        say(
            "hint",
            "next: psql -v ON_ERROR_STOP=1 -f FILE DSN; then: ticketdb status. "
            "Supabase's SQL editor takes it in parts: ticketdb export --parts DIR",
        )


def _show_parts(folder: Path) -> None:
    from ticketdb.migrate import export_parts

    texts = export_parts()
    _make(folder, "Name a folder that is there, or is to be made in one that is.")
    for number, text in enumerate(texts, 1):
        path = folder / f"ticketdb_{_newest()}_part_{number}_of_{len(texts)}.sql"
        path.write_text(text, encoding="utf-8", newline="\n")
        typer.echo(path)
    say("hint", "next: run them one after another, in this order; then: ticketdb status")


def _show_file(folder: Path, text: str) -> None:
    path, is_new = _write(folder, _newest(), text)
    typer.echo(path)
    say("done" if is_new else "notice", "written" if is_new else "it is there already; nothing was written")
    say(
        "hint",
        "next: `supabase db push`, or `supabase migration up` for a local project; then: ticketdb status",
    )


def _newest() -> str:
    """Return the number of the newest migration."""
    from ticketdb._resources import migrations_dir
    from ticketdb.migrate.files import read_migrations

    return str(read_migrations(migrations_dir())[-1].file.name[:4])


def _make(folder: Path, hint: str) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except (FileNotFoundError, FileExistsError):
        raise CommandError(f"there is no folder {folder.parent}, or {folder} is a file", hint) from None


def _write(folder: Path, newest: str, text: str) -> tuple[Path, bool]:
    """Write the file unless it is there; return where it is, and whether it is new.

    Its name tells the newest migration in it, so that a later version of ticketdb adds a file and changes
    none. In front stands the first moment after those of all other files, not that of the day: whoever makes
    it from the same folder gets the same name.
    """
    _make(folder, "Run `supabase init`, and name its supabase/migrations.")
    for path in folder.glob(f"*_ticketdb_{newest}.sql"):
        if path.read_text(encoding="utf-8") == text:
            return path, False
        raise CommandError(
            f"{path} is there with other content",
            "If it has never been pushed, delete it and run this again; what was applied must not change.",
        )
    moments = [_FIRST + timedelta(seconds=int(newest)), *(m + timedelta(seconds=1) for m in _moments(folder))]
    path = folder / f"{max(moments).strftime(_VERSION)}_ticketdb_{newest}.sql"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path, True


def _moments(folder: Path) -> Iterator[datetime]:
    for path in folder.iterdir():
        match = _FILE_NAME.fullmatch(path.name)
        with suppress(ValueError):  # digits that are no moment sort somewhere, and nobody minds
            if match:
                yield datetime.strptime(match[1], _VERSION)
