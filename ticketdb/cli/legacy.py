"""link-legacy."""

import json
from typing import Annotated

import typer
from psycopg.errors import Diagnostic
from rich.markup import escape
from rich.progress import Progress, TaskID

from ticketdb import TicketDB
from ticketdb.cli._dsn import Dsn, connect
from ticketdb.cli._output import Json, bars, printable, say, show

_ISSUES = """
select i.problem, count(*) as issues
from public.legacy_link_issues as i
group by i.problem
order by i.problem
"""


class LinkProgress:
    """A bar for each step of link_legacy_data, fed by the notices that it sends."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, notice: Diagnostic) -> None:
        """Take a notice: progress moves its bar, everything else is passed on."""
        text = notice.message_primary or ""
        try:
            progress = json.loads(text)
            step, done, total = str(progress["step"]), int(progress["done"]), int(progress["of"])
        except (ValueError, TypeError, KeyError):
            self._bars.console.print(f"{notice.severity}: {printable(text)}", markup=False)
            return
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(escape(step))
        self._bars.update(self._tasks[step], completed=done, total=total)


def link_legacy(
    dsn: Dsn = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be linked; change nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make events, occurrences and reservations of the application's own bookings and participants."""
    with connect(dsn) as db:
        with bars() as shown:
            db.connection.add_notice_handler(LinkProgress(shown))
            steps = db.link_legacy_data(dry_run)
        show(steps, as_json)
        if dry_run:
            say("done", "that is what would be linked; nothing was changed")
        else:
            _tell_issues(db)


def _tell_issues(db: TicketDB) -> None:
    issues = db.connection.execute(_ISSUES).fetchall()
    for problem, count in issues:
        say("notice", f"{problem}: {count}")
    if issues:
        say("hint", "each of them is a row of legacy_link_issues, with the values that show why")
