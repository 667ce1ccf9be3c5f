"""report: what was sold, who came, as a table, JSON, CSV or a page to print."""

import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ticketdb import TicketDB, models
from ticketdb.cli import _charts as charts
from ticketdb.cli._dsn import Dsn, connect
from ticketdb.cli._failure import writing
from ticketdb.cli._output import Json, csv_cell, say, show, sums
from ticketdb.cli._parsers import FromDate, ToDate


class Kind(StrEnum):
    """What is reported."""

    SALES = "sales"
    ATTENDANCE = "attendance"
    REVENUE = "revenue"
    REFUNDS = "refunds"
    OCCUPANCY = "occupancy"
    NO_SHOWS = "no-shows"


@dataclass(frozen=True, slots=True)
class Report:
    """Where a report comes from, and how it is shown to people."""

    title: str
    # by which date the period goes
    dated: str
    row: type
    read: Callable[[TicketDB, date | None, date | None], list[Any]]
    shown: tuple[str, ...]
    summed: tuple[str, ...]
    chart: Callable[[Sequence[Any]], str]


_MONEY = ("payments", "tickets_sold", "tickets_returned", "gross", "refunds", "net")

_REPORTS = {
    Kind.SALES: Report(
        "Sales",
        "day of the payment or refund",
        models.SalesOfDay,
        TicketDB.report_sales,
        ("sale_date", "event_code", "title", *_MONEY),
        _MONEY,
        lambda rows: charts.by_time("Net sales", [(row.sale_date, row.net) for row in rows]),
    ),
    Kind.REVENUE: Report(
        "Revenue by event type",
        "day of the payment or refund",
        models.RevenueOfType,
        TicketDB.report_revenue,
        ("event_type", *_MONEY),
        _MONEY,
        lambda rows: charts.by_name("Net revenue", [(row.event_type, row.net) for row in rows]),
    ),
    Kind.ATTENDANCE: Report(
        "Attendance",
        "day of the event",
        models.AttendanceOfSchedule,
        TicketDB.report_attendance,
        (
            "schedule_id",
            "schedule_date",
            "start_time",
            "title",
            "max_tickets",
            "tickets_sold",
            "admitted",
            "no_shows",
            "attendance_rate",
        ),
        ("max_tickets", "tickets_sold", "admitted", "no_shows"),
        lambda rows: charts.by_time("People let in", [(row.schedule_date, row.admitted) for row in rows]),
    ),
    Kind.REFUNDS: Report(
        "Refunds due",
        "day since which it is due",
        models.RefundDue,
        TicketDB.refunds_due,
        (
            "due_date",
            "payment_reference",
            "reservation_code",
            "reservation_status",
            "title",
            "schedule_date",
            "amount",
            "refund_due",
        ),
        ("amount", "refund_due"),
        lambda rows: charts.by_name("Refunds due", [(row.title, row.refund_due) for row in rows]),
    ),
    Kind.OCCUPANCY: Report(
        "Occupancy by weekday and hour",
        "day of the event",
        models.Occupancy,
        TicketDB.report_occupancy,
        ("weekday", "hour", "schedules", "max_tickets", "tickets_sold", "occupancy"),
        ("schedules", "max_tickets", "tickets_sold"),
        lambda rows: charts.by_hour("Occupancy", [(row.weekday, row.hour, row.occupancy) for row in rows]),
    ),
    Kind.NO_SHOWS: Report(
        "No-shows",
        "day of the event",
        models.NoShow,
        TicketDB.report_no_shows,
        ("schedule_date", "start_time", "title", "reservation_code", "user_id", "tickets", "no_shows"),
        ("tickets", "no_shows"),
        lambda rows: charts.by_name("No-shows", [(row.title, row.no_shows) for row in rows]),
    ),
}


def report(
    kind: Annotated[Kind, typer.Argument(help=f"One of {', '.join(Kind)}.", metavar="KIND")],
    dsn: Dsn = None,
    from_date: Annotated[date | None, FromDate] = None,
    to_date: Annotated[date | None, ToDate] = None,
    as_json: Json = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", envvar="TICKETDB_CSV", help="Print the rows as CSV.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page with a chart, to be printed.")
    ] = None,
) -> None:
    """Report what was sold, who came and what is to be paid back; without dates all of it.

    Days are those of each event's time zone. Sales and revenue go by the day of the payment or refund,
    refunds by the day since which they are due, the others by the day of the event.
    """
    if as_json + as_csv + (html is not None) > 1:
        raise typer.BadParameter("--json, --csv and --html are three ways to show a report; name one")
    wanted = _REPORTS[kind]
    with connect(dsn) as db:
        rows = wanted.read(db, from_date, to_date)
    if as_csv:
        _print_csv(wanted.row, rows)
    elif html is not None:
        _write_page(html, wanted, rows, from_date, to_date)
    else:
        show(rows, as_json, wanted.shown, empty="nothing in this period", totals=sums(rows, wanted.summed))


def _print_csv(model: type, rows: Sequence[Any]) -> None:
    """RFC 4180: a line of names, commas, and both ends of a line."""
    names = [field.name for field in fields(model)]
    lines = csv.writer(sys.stdout, lineterminator="\r\n")
    lines.writerow(names)
    lines.writerows([csv_cell(getattr(row, name)) for name in names] for row in rows)


def _write_page(
    path: Path, wanted: Report, rows: Sequence[Any], from_date: date | None, to_date: date | None
) -> None:
    from ticketdb.cli._report_page import page

    text = page(
        wanted.title,
        f"{_period(from_date, to_date)}, by {wanted.dated}",
        wanted.chart(rows),
        wanted.shown,
        rows,
        sums(rows, wanted.summed),
    )
    with writing(path):
        path.write_text(text, encoding="utf-8")
    say("done", f"written {path}")


def _period(from_date: date | None, to_date: date | None) -> str:
    match from_date, to_date:
        case None, None:
            return "From the beginning"
        case None, _:
            return f"Until {to_date}"
        case _, None:
            return f"From {from_date}"
        case _:
            return f"{from_date} to {to_date}"
