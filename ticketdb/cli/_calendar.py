"""A month as a calendar has it, with what takes place on its days."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, time, timedelta

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from ticketdb.models import SchedulePreview

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CELL = 7  # 11:00 !
_WITH_PADDING, _WITHOUT = (7 * (_CELL + padding) + 8 for padding in (2, 0))

Days = dict[date, list[Text]]


def months(occurrences: Iterable[SchedulePreview], width: int) -> list[RenderableType]:
    """A table for each month that has an occurrence: days, and under them the times.

    What exists already is dim; what meets another event in its space is red and has an exclamation mark.
    What lasts for days has its end on the last of them. Where the width is too small for a week, the days
    that have something are listed.
    """
    days: Days = defaultdict(list)
    for occurrence in occurrences:
        for day, entry in _entries(occurrence):
            days[day].append(entry)
    found = sorted({(day.year, day.month) for day in days})
    if width < _WITHOUT:
        return [_list(year, month, days) for year, month in found]
    return [_month(year, month, days, padding=1 if width >= _WITH_PADDING else 0) for year, month in found]


def _entries(occurrence: SchedulePreview) -> Iterable[tuple[date, Text]]:
    mark, style = "", "green"
    if occurrence.already_exists:
        mark, style = " =", "dim"
    if occurrence.conflict is not None:
        mark, style = " !", "bold red"
    day = occurrence.schedule_date
    yield day, Text(f"{occurrence.start_time:%H:%M}{mark}", style=style)
    if occurrence.extra_days == 0:
        return
    days, end = occurrence.extra_days, f"-{occurrence.end_time:%H:%M}"
    if occurrence.end_time == time(0):
        # midnight is of the day before it
        end = "-24:00"
    elif occurrence.end_time <= occurrence.start_time:
        days += 1
    for number in range(1, days):
        yield day + timedelta(days=number), Text("...", style=style)
    yield day + timedelta(days=days), Text(end, style=style)


def _title(year: int, month: int) -> str:
    return f"{date(year, month, 1):%B %Y}"


def _month(year: int, month: int, days: Days, padding: int) -> Table:
    table = Table(title=_title(year, month), header_style="bold", show_lines=True, padding=(0, padding))
    for weekday in _WEEKDAYS:
        table.add_column(weekday, width=_CELL)
    for week in Calendar().monthdatescalendar(year, month):
        table.add_row(*(_cell(day, days.get(day, [])) if day.month == month else "" for day in week))
    return table


def _cell(day: date, entries: list[Text]) -> Text:
    return Text("\n").join([Text(f"{day.day}", style="bold" if entries else "dim"), *entries])


def _list(year: int, month: int, days: Days) -> Table:
    table = Table.grid(padding=(0, 1))
    table.title = _title(year, month)
    table.add_column(width=3)
    table.add_column(width=2, justify="right")
    # with room for September 2027 above
    table.add_column(min_width=_CELL)
    for day in sorted(day for day in days if (day.year, day.month) == (year, month)):
        table.add_row(_WEEKDAYS[day.weekday()], Text(f"{day.day}", style="bold"), Text("\n").join(days[day]))
    return table
