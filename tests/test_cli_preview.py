"""The calendar of `generate --preview`: what lasts for days, and terminals of every width."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from io import StringIO

import pytest
from rich.console import Console

from ticketdb.cli._calendar import months
from ticketdb.models import SchedulePreview

pytestmark = pytest.mark.no_database
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def occurrence(
    day: date,
    start: time,
    end: time,
    days: int = 0,
    *,
    already_exists: bool = False,
    conflict: str | None = None,
) -> SchedulePreview:
    return SchedulePreview(day, start, end, NOW, NOW, already_exists, conflict, days)


def shown(*occurrences: SchedulePreview, width: int) -> list[str]:
    """The lines as a terminal without colours has them."""
    console = Console(width=width, file=StringIO(), no_color=True)
    for month in months(occurrences, width):
        console.print(month)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert max(map(len, lines)) <= width
    return [line.strip() for line in lines]


FRIDAY = date(2027, 1, 29)
FESTIVAL = occurrence(FRIDAY, time(10), time(18), 3, conflict="booking B-1")


def cells(lines: list[str], day: int) -> list[str]:
    """What stands under a day of a month that is shown as a table."""
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines if "│" in line]
    (place,) = ((n, row.index(str(day))) for n, row in enumerate(rows) if str(day) in row)
    under = [row[place[1]] for row in rows[place[0] + 1 :]]
    return [
        text for text in under[: next((n for n, text in enumerate(under) if text.isdigit()), None)] if text
    ]


@pytest.mark.parametrize("width", [250, 80, 71, 70, 57])
def test_what_lasts_for_days_goes_on_to_its_end_in_the_next_month_too(width: int) -> None:
    lines = shown(FESTIVAL, occurrence(FRIDAY, time(20), time(1), already_exists=True), width=width)
    february = lines.index("February 2027")
    assert cells(lines[:february], 29) == ["10:00 !", "20:00 ="]
    assert cells(lines[:february], 30) == ["..."]
    assert cells(lines[february:], 1) == ["-18:00"]


def test_terminal_too_narrow_for_a_week_has_a_list() -> None:
    for width in (56, 30, 16):
        assert shown(FESTIVAL, width=width) == [
            "January 2027",
            "Fri 29 10:00 !",
            "Sat 30 ...",
            "Sun 31 ...",
            "February 2027",
            "Mon  1 -18:00",
        ]


@pytest.mark.parametrize(
    ("start", "end", "days", "last"),
    [
        (time(10), time(18), 1, "Sat 30 -18:00"),
        (time(22), time(2), 1, "Sun 31 -02:00"),
        (time(0), time(0), 1, "Sat 30 -24:00"),
        (time(10), time(0), 1, "Sat 30 -24:00"),
        (time(22), time(2), 0, "Fri 29 22:00"),
    ],
)
def test_end_stands_on_the_last_day(start: time, end: time, days: int, last: str) -> None:
    assert shown(occurrence(FRIDAY, start, end, days), width=40)[-1] == last
