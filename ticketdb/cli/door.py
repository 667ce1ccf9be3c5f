"""check-in, ticket."""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.progress import track

from ticketdb import BatchScan, Ticket, TicketDB
from ticketdb.cli._dsn import Dsn, connect
from ticketdb.cli._failure import REFUSED, CommandError, writing
from ticketdb.cli._output import Json, say, show, stderr

# as many as the database takes at once
_PART = 1000
_FORMS = "Write an array of objects, or CSV with a line of names."
_VERDICT = ("line", "result", "conflict", "name", "ticket_code", "first_scanned_at", "problem")
_ON_TICKET = (
    "title",
    "schedule_date",
    "start_time",
    "timezone",
    "venue_name",
    "space_name",
    "ticket_type",
    "name",
    "status",
    "schedule_status",
    "scan_count",
)


def check_in(
    code: Annotated[UUID | None, typer.Argument(help="Code of the ticket.", metavar="CODE")] = None,
    dsn: Dsn = None,
    schedule: Annotated[
        int | None, typer.Option("--schedule", metavar="ID", help="Occurrence at this door.")
    ] = None,
    gate: Annotated[str | None, typer.Option("--gate", metavar="NAME", help="Name of the door.")] = None,
    scan_id: Annotated[
        UUID | None, typer.Option("--scan-id", metavar="UUID", help="Makes a repetition harmless.")
    ] = None,
    file: Annotated[
        typer.FileText | None,
        typer.Option(
            "--file",
            metavar="FILE",
            encoding="utf-8-sig",
            help="Instead: scans made offline, a JSON array or CSV; - for stdin.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Let the holder of a ticket in, or upload the scans of a scanner that was offline.

    A ticket that admits nobody now ends with status 1.
    """
    if file is not None and code is None:
        scans = _read(file)
        with connect(dsn) as db:
            _upload(db, scans, as_json)
        return
    if code is None or file is not None:
        raise typer.BadParameter("name either the code of a ticket or --file")
    with connect(dsn) as db:
        scan = db.check_in(code, schedule, gate, scan_id)
        show([scan], as_json)
    if scan.result not in ("admitted", "exited"):
        raise typer.Exit(REFUSED)


def _read(file: typer.FileText) -> Sequence[Mapping[str, Any]]:
    """The scans in a file, as the database takes them: what is in a row is for it to judge."""
    try:
        text = file.read()
    except UnicodeDecodeError:
        raise CommandError("the file is not UTF-8", _FORMS) from None
    if not text.lstrip().startswith(("[", "{")):
        return _read_csv(text)
    try:
        scans = json.loads(text)
    except ValueError as error:
        raise CommandError(f"the file is not JSON: {error}", _FORMS) from None
    if not isinstance(scans, list):
        raise CommandError("the file is one object and no array", _FORMS)
    return scans


def _read_csv(text: str) -> list[Mapping[str, Any]]:
    lines = csv.DictReader(StringIO(text, newline=""))
    try:
        names = lines.fieldnames or ()
        # without names the first scan would be taken for them, and lost
        if names and "ticket_code" not in names:
            raise CommandError("the file is CSV without a line of names, or without ticket_code", _FORMS)
        return [{name: value for name, value in row.items() if name and value} for row in lines]
    except csv.Error as error:
        raise CommandError(f"the file is not CSV: {error}", _FORMS) from None


def _upload(db: TicketDB, scans: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    verdicts = list(_verdicts(db, scans))
    show(verdicts, as_json, _VERDICT, empty="no scans")
    counted = Counter(verdict.result for verdict in verdicts)
    if verdicts:
        say("done", ", ".join(f"{number} {result}" for result, number in counted.most_common()))
    if conflicts := sum(verdict.conflict for verdict in verdicts):
        say("notice", f"{conflicts} may have been let in though the ticket was used elsewhere: see conflict")


def _verdicts(db: TicketDB, scans: Sequence[Mapping[str, Any]]) -> Iterator[BatchScan]:
    """The verdicts, each part in a transaction of its own: sending the file again is harmless."""
    starts = range(0, len(scans), _PART)
    for start in track(starts, "scans", console=stderr(), transient=True, disable=len(starts) < 3):
        for verdict in db.check_in_batch(scans[start : start + _PART]):
            yield replace(verdict, line=start + verdict.line)


def ticket(
    code: Annotated[UUID, typer.Argument(help="Code of the ticket.", metavar="CODE")],
    dsn: Dsn = None,
    qr: Annotated[bool, typer.Option("--qr", help="Draw its QR code here.")] = False,
    png: Annotated[
        Path | None, typer.Option("--png", metavar="FILE", help="Write the QR code as a picture.")
    ] = None,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Write it as SVG.")] = None,
    as_json: Json = False,
) -> None:
    """Show whose ticket it is, and its QR code, which carries the code of the ticket."""
    if qr and as_json:
        raise typer.BadParameter("--qr draws what --json cannot say: choose one")
    with connect(dsn) as db:
        tickets = list(db.tickets(ticket_code=code))
    if not tickets:
        raise CommandError(f"there is no ticket {code}", "`ticketdb confirm` prints the codes of a sale.")
    _draw(tickets[0], qr, png, svg)
    show(tickets, as_json, _ON_TICKET)


def _draw(shown: Ticket, qr: bool, png: Path | None, svg: Path | None) -> None:
    # here and not above: no other command needs it
    import segno

    drawn = segno.make_qr(str(shown.ticket_code), error="m")
    if qr:
        drawn.terminal(sys.stdout, compact=True)
    for path, kind in ((png, "png"), (svg, "svg")):
        if path is not None:
            with writing(path):
                drawn.save(str(path), kind=kind, scale=8)
            say("done", f"wrote {path}")
