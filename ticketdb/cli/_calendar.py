"""A month as a calendar has it, with what takes place on its days."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from rich.table import Table
from rich.text import Text

from ticketdb.models import SchedulePreview

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def months(occurrences: Iterable[SchedulePreview]) -> list[Table]:
    """A table for each month that has an occurrence: days, and under them the times.

    What exists already is dim; what meets another event in its space is red and has an exclamation mark.
    """
    days: dict[date, list[SchedulePreview]] = defaultdict(list)
    for occurrence in occurrences:
        days[occurrence.schedule_date].append(occurrence)
    return [_month(year, month, days) for year, month in sorted({(day.year, day.month) for day in days})]


def _month(year: int, month: int, days: dict[date, list[SchedulePreview]]) -> Table:
    table = Table(title=f"{date(year, month, 1):%B %Y}", header_style="bold", show_lines=True)
    for weekday in _WEEKDAYS:
        table.add_column(weekday, width=7)
    for week in Calendar().monthdatescalendar(year, month):
        table.add_row(*(_cell(day, days.get(day, [])) if day.month == month else "" for day in week))
    return table


def _cell(day: date, occurrences: list[SchedulePreview]) -> Text:
    cell = Text(f"{day.day}", style="bold" if occurrences else "dim")
    for occurrence in occurrences:
        mark, style = "", "green"
        if occurrence.already_exists:
            mark, style = " =", "dim"
        if occurrence.conflict is not None:
            mark, style = " !", "bold red"
        cell.append(f"\n{occurrence.start_time:%H:%M}{mark}", style=style)
    return cell
