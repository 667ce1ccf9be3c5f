"""describe_rrule: what a rule says in English."""

from __future__ import annotations

import psycopg
import pytest
from factories import expect_error, value

WORDS = {
    "FREQ=MONTHLY;BYDAY=2TU;BYHOUR=19;BYMINUTE=0": "every second Tuesday of the month at 19:00",
    "FREQ=DAILY": "every day",
    "FREQ=DAILY;INTERVAL=3;COUNT=10": "every 3 days, 10 times",
    "FREQ=DAILY;COUNT=1": "every day, 1 time",
    "FREQ=WEEKLY;BYDAY=MO,WE": "every Monday and Wednesday",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20301231": (
        "every 2 weeks on Monday and Wednesday, until 31 December 2030"
    ),
    "FREQ=MONTHLY;BYMONTHDAY=1,13,22,-1": (
        "every month on the first day, 13th day, 22nd day and last day of the month"
    ),
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13": "every month on the 13th day of the month, if that is a Friday",
    "FREQ=MONTHLY;BYDAY=3MO,WE": "every third Monday of the month and every Wednesday",
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=1SU,-1SU": (
        "every 2 months on the first Sunday and last Sunday of the month"
    ),
    "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=-1": "every month: the last of Saturday and Sunday",
    "FREQ=YEARLY;BYMONTH=3;BYDAY=-2SU": "every second to last Sunday in March",
    "FREQ=YEARLY;BYDAY=20MO": "every 20th Monday of the year",
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO": "every Monday in week 20",
    "FREQ=YEARLY;BYYEARDAY=1,-1": "every year on the first day and last day of the year",
    "FREQ=DAILY;BYHOUR=9,14;BYMINUTE=0,30;UNTIL=20300101T000000Z": (
        "every day at 09:00, 09:30, 14:00 and 14:30, until 1 January 2030 00:00 UTC"
    ),
    "FREQ=DAILY;BYHOUR=9,14": "every day in hour 9 and 14",
    "FREQ=WEEKLY;BYMINUTE=15": "every week at minute 15",
}


@pytest.mark.parametrize(("rule", "words"), WORDS.items())
def test_a_rule_is_said_in_english(tx: psycopg.Connection, rule: str, words: str) -> None:
    assert value(tx, "select public.describe_rrule(%s)", rule) == words


@pytest.mark.parametrize("rule", ["FREQ=SOMETIMES", "", None])
def test_what_is_no_rule_has_no_words(tx: psycopg.Connection, rule: str | None) -> None:
    with expect_error(tx, "PT400", "invalid_recurrence"):
        value(tx, "select public.describe_rrule(%s)", rule)
