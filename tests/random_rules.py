"""Random recurrence rules that are legal, and what python-dateutil makes of them.

Left out, because dateutil is wrong there or the RFC is silent; test_recurrence_rules.py has them by hand:

- a mixed BYDAY such as `3MO,WE`: dateutil takes the intersection, which is empty, where a union is meant;
- BYWEEKNO without BYDAY: dateutil takes the whole week, not DTSTART's weekday;
- BYWEEKNO with BYSETPOS: dateutil counts positions in the calendar year, not in the year of weeks;
- a negative BYWEEKNO, for days that are of the year of weeks before or after: dateutil loses them;
- WEEKLY with BYSETPOS begun within a week: dateutil counts from DTSTART, not from the week's beginning;
- UNTIL as a date: dateutil ends with the midnight before that day, not after.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from random import Random
from typing import NamedTuple

from dateutil.rrule import rrulestr

# how far the whole of a rule is looked at, and where windows lie: dateutil takes its time
YEARS = {"DAILY": 1, "WEEKLY": 3, "MONTHLY": 5, "YEARLY": 10}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Rule(NamedTuple):
    """A rule, its DTSTART, until when the whole of it is looked at, and a window."""

    text: str
    start: datetime
    end: datetime
    first: datetime
    last: datetime


def some(random: Random, values: list[int], at_most: int = 3) -> list[int]:
    return random.sample(values, random.randint(1, min(at_most, len(values))))


def signed(highest: int) -> list[int]:
    return [*range(1, highest + 1), *range(-highest, 0)]


def weekdays(random: Random, ordinals: int = 0) -> list[str]:
    days = random.sample(WEEKDAYS, random.randint(1, 3))
    if not ordinals:
        return days
    return [f"{random.choice(signed(ordinals))}{day}" for day in days]


def parts(random: Random, freq: str) -> dict[str, list]:
    """The BY parts of a rule, with what the RFC allows together."""
    found: dict[str, list] = {}

    def perhaps(chance: float, name: str, make: Callable[[], list]) -> None:
        if random.random() < chance:
            found[name] = make()

    perhaps(0.3, "BYMONTH", lambda: some(random, list(range(1, 13)), 4))
    match freq:
        case "DAILY":
            perhaps(0.3, "BYMONTHDAY", lambda: some(random, signed(31), 6))
            perhaps(0.4, "BYDAY", lambda: weekdays(random))
        case "WEEKLY":
            perhaps(0.7, "BYDAY", lambda: weekdays(random))
        case "MONTHLY":
            perhaps(0.4, "BYMONTHDAY", lambda: some(random, signed(31), 6))
            perhaps(0.6, "BYDAY", lambda: weekdays(random, random.choice((0, 5))))
        case "YEARLY":
            perhaps(0.15, "BYYEARDAY", lambda: some(random, signed(366), 9))
            perhaps(0.2, "BYMONTHDAY", lambda: some(random, signed(31), 4))
            if not found.keys() & {"BYYEARDAY", "BYMONTHDAY"} and random.random() < 0.3:
                found |= {"BYWEEKNO": some(random, list(range(1, 54)), 4), "BYDAY": weekdays(random)}
            else:
                plain = found.keys() & {"BYYEARDAY", "BYMONTHDAY"}
                ordinals = 0 if plain else (5 if "BYMONTH" in found else 53)
                perhaps(0.5, "BYDAY", lambda: weekdays(random, random.choice((0, ordinals))))
    perhaps(0.15, "BYHOUR", lambda: some(random, list(range(24))))
    perhaps(0.15, "BYMINUTE", lambda: some(random, list(range(0, 60, 5))))
    # few positions that are never reached, for dateutil looks for them until the year 9999
    if found and "BYWEEKNO" not in found and (freq != "DAILY" or "BYHOUR" in found):
        highest = {"DAILY": 1, "WEEKLY": 1, "MONTHLY": 3, "YEARLY": 5}[freq]
        perhaps(0.3, "BYSETPOS", lambda: some(random, signed(highest)))
    return found


def random_rule(random: Random) -> Rule:
    """A rule, begun between 1990 and 2030, and a window in the 12 years from its start on."""
    freq = random.choice(("DAILY", "WEEKLY", "MONTHLY", "YEARLY"))
    start = datetime.combine(
        date(1990, 1, 1) + timedelta(days=random.randrange(40 * 365)),
        time(random.randrange(24), random.choice((0, 15, 30, 59)), random.choice((0, 0, 0, 30))),
    )
    by = parts(random, freq)
    rule = {"FREQ": freq}
    if "BYWEEKNO" not in by and random.random() < 0.5:
        rule["INTERVAL"] = str(random.choice((1, 2, 2, 3, 4, 5, 7, 12, 30)))
    match random.randrange(4):
        case 0:
            rule["COUNT"] = str(random.choice((1, 2, 5, 10, 40, 200)))
        case 1:
            rule["UNTIL"] = f"{start + timedelta(seconds=random.randrange(6 * 365 * 86400)):%Y%m%dT%H%M%S}"
    if random.random() < 0.3:
        rule["WKST"] = random.choice(WEEKDAYS)
    rule |= {name: ",".join(map(str, values)) for name, values in by.items()}
    if freq == "WEEKLY" and "BYSETPOS" in by:
        start -= timedelta(days=(start.weekday() - WEEKDAYS.index(rule.get("WKST", "MO"))) % 7)
    items = list(rule.items())
    random.shuffle(items)
    first = start + timedelta(minutes=random.randrange(-100_000, YEARS[freq] * 365 * 1440))
    last = first + timedelta(minutes=random.randrange(400 * 1440))
    end = start + timedelta(days=YEARS[freq] * 366)
    return Rule(";".join(f"{name}={value}" for name, value in items), start, end, first, last)


def expected(rule: Rule) -> tuple[list[datetime], list[datetime]]:
    """What dateutil expands: the whole, and the window."""
    last = max(rule.end, rule.last)
    found = list(takewhile(lambda at: at <= last, rrulestr(f"RRULE:{rule.text}", dtstart=rule.start)))
    return [at for at in found if at <= rule.end], [at for at in found if rule.first <= at <= rule.last]
