"""describe_rrule: what a rule says in English."""

from __future__ import annotations

import re
from random import Random

import psycopg
import pytest
from factories import expect_error, value
from random_rules import random_rule

WORDS = {
    "FREQ=DAILY": "every day",
    "FREQ=DAILY;INTERVAL=3;COUNT=1": "every 3 days, once",
    "FREQ=DAILY;COUNT=10;BYHOUR=9": "every day in the hour from 09:00, 10 times",
    "FREQ=DAILY;BYHOUR=9,12,18;BYMINUTE=0,30": "every day at 09:00, 09:30, 12:00, 12:30, 18:00 and 18:30",
    "FREQ=DAILY;BYMINUTE=0,30": "every day at 0 and 30 minutes past the hour",
    "FREQ=DAILY;BYMONTH=6,7,8": "every day from June to August",
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR": "every Monday to Friday",
    "FREQ=DAILY;BYDAY=SA,SU": "every Saturday and Sunday",
    "FREQ=DAILY;BYMONTHDAY=1,15,-1": "every month on the 1st, 15th and last day",
    "FREQ=DAILY;INTERVAL=2;BYDAY=MO": "every 2 days, if that is a Monday",
    "FREQ=DAILY;BYMONTH=1;BYDAY=MO": "every Monday in January",
    "FREQ=WEEKLY": "every week",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYHOUR=19": "every Monday, Wednesday and Friday in the hour from 19:00",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": "every Monday to Friday",
    "FREQ=WEEKLY;BYDAY=SA,SU;BYHOUR=11,15,19;BYMINUTE=0": (
        "every Saturday and Sunday at 11:00, 15:00 and 19:00"
    ),
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU": "every day",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU": "every 2 weeks on Tuesday and Thursday",
    "FREQ=WEEKLY;INTERVAL=2;COUNT=8": "every 2 weeks, 8 times",
    "FREQ=WEEKLY;UNTIL=20301231": "every week, until 31 December 2030",
    "FREQ=WEEKLY;UNTIL=20301231T180000": "every week, until 31 December 2030 at 18:00",
    "FREQ=WEEKLY;UNTIL=20301231T180000Z;BYDAY=SU": "every Sunday, until 31 December 2030 at 18:00 UTC",
    "FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1": "every week on the first Monday or Tuesday",
    "FREQ=WEEKLY;BYMONTH=12;BYDAY=SA": "every Saturday in December",
    "FREQ=MONTHLY": "every month",
    "FREQ=MONTHLY;BYMONTHDAY=-1": "every month on the last day",
    "FREQ=MONTHLY;BYMONTHDAY=-3": "every month on the third-to-last day",
    "FREQ=MONTHLY;BYMONTHDAY=1,15,-1;BYHOUR=20;BYMINUTE=15": (
        "every month on the 1st, 15th and last day at 20:15"
    ),
    "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR": "every month on the 13th day, if that is a Friday",
    "FREQ=MONTHLY;BYDAY=-1FR": "every last Friday of the month",
    "FREQ=MONTHLY;BYDAY=2TU": "every second Tuesday of the month",
    "FREQ=MONTHLY;BYDAY=2TU;BYHOUR=19;BYMINUTE=0": "every second Tuesday of the month at 19:00",
    "FREQ=MONTHLY;BYDAY=2TU,-1FR": "every second Tuesday and last Friday of the month",
    "FREQ=MONTHLY;BYDAY=3MO,WE": "every third Monday of the month and every Wednesday",
    "FREQ=MONTHLY;BYDAY=-2SU;INTERVAL=3": "every 3 months on the second-to-last Sunday",
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=1SA;COUNT=6": "every 2 months on the first Saturday, 6 times",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": "every month on the last weekday",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1": "every month on the first weekday",
    "FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3": "every month on the third Tuesday, Wednesday or Thursday",
    "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=1,-1": "every month on the first and last weekend day",
    "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13": (
        "every month on the 7th to 13th day, if that is a Saturday"
    ),
    "FREQ=MONTHLY;BYMONTH=3,9;BYDAY=1SU": "every first Sunday in March and September",
    "FREQ=YEARLY": "every year",
    "FREQ=YEARLY;BYMONTH=1,7": "every year in January and July",
    "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24,31;BYHOUR=22": (
        "every year on the 24th and 31st day of December in the hour from 22:00"
    ),
    "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH": "every fourth Thursday in November",
    "FREQ=YEARLY;BYDAY=20MO": "every 20th Monday of the year",
    "FREQ=YEARLY;BYDAY=1MO,-1MO": "every first and last Monday of the year",
    "FREQ=YEARLY;BYDAY=MO": "every Monday",
    "FREQ=YEARLY;BYMONTHDAY=13": "every month on the 13th day",
    "FREQ=YEARLY;BYYEARDAY=1,100,-1": "every year on the 1st, 100th and last day of the year",
    "FREQ=YEARLY;BYWEEKNO=20": "every year in week 20 of the year",
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO": "every Monday in week 20 of the year",
    "FREQ=YEARLY;BYWEEKNO=1,-1;BYDAY=SA,SU;BYHOUR=10": (
        "every Saturday and Sunday in week 1 and the last week of the year in the hour from 10:00"
    ),
    "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8": (
        "every 4 years on the 2nd to 8th day of November, if that is a Tuesday"
    ),
    "FREQ=YEARLY;BYMONTH=5;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": "every year on the last weekday in May",
    "FREQ=YEARLY;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYHOUR=9": (
        "every day in January in the hour from 09:00"
    ),
    "FREQ=YEARLY;BYDAY=SA,SU;BYSETPOS=1": "every year on the first weekend day of the year",
    "FREQ=YEARLY;BYMONTH=6,7,8,9;BYDAY=FR;UNTIL=20301231": (
        "every Friday from June to September, until 31 December 2030"
    ),
    "FREQ=YEARLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYMONTHDAY=13": "every month on the 13th day",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1": "every year on the last day of February",
    "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;BYHOUR=1;BYMINUTE=30;COUNT=3": (
        "every last Sunday in March at 01:30, 3 times"
    ),
    "FREQ=DAILY;BYHOUR=0;BYMINUTE=5": "every day at 00:05",
    "FREQ=DAILY;COUNT=1": "every day, once",
    "FREQ=DAILY;BYHOUR=9,18;BYSETPOS=-1": (
        "every day, only the last of those in the hours from 09:00 and 18:00"
    ),
    "FREQ=MONTHLY;BYDAY=-1MO,-2MO": "every second-to-last and last Monday of the month",
    "FREQ=MONTHLY;BYDAY=1MO,2MO,3WE": "every first and second Monday and third Wednesday of the month",
    "FREQ=MONTHLY;BYMONTHDAY=11,12,13,21,22,23,-2": (
        "every month on the 11th to 13th, 21st to 23rd and 2nd-to-last day"
    ),
    "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=1": (
        "every month on the first day, if that is the first Monday of the month"
    ),
    "FREQ=YEARLY;INTERVAL=2;BYMONTHDAY=13": "every 2 years on the 13th day of every month",
    "FREQ=YEARLY;BYYEARDAY=100,101;BYMONTH=4;BYDAY=MO": (
        "every year on the 100th and 101st day of the year, if that is in April and a Monday"
    ),
    "FREQ=MONTHLY;BYMONTH=3,9;BYMONTHDAY=1": "every year on the first day of March and September",
    "FREQ=MONTHLY;INTERVAL=2;BYMONTH=3,9;BYMONTHDAY=1": (
        "every 2 months on the first day of the month, in March and September"
    ),
    "FREQ=MONTHLY;BYMONTHDAY=13,14,15;BYSETPOS=-1": (
        "every month, only the last of those on the 13th to 15th day"
    ),
    "FREQ=MONTHLY;BYMONTHDAY=13,14,15;BYDAY=MO,TU;BYSETPOS=-1": (
        "every month, only the last of those on the 13th to 15th day, if that is a Monday or Tuesday"
    ),
    "FREQ=YEARLY;BYMONTH=5,6;BYDAY=MO;BYSETPOS=-1": "every year on the last Monday in May and June together",
    "FREQ=MONTHLY;BYMONTH=5,6;BYDAY=MO;BYSETPOS=-1": "every month on the last Monday in May and June",
    "FREQ=MONTHLY;BYDAY=1MO,WE;BYSETPOS=2": (
        "every month, only the second of those on the first Monday and every Wednesday"
    ),
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR,SA,SU": "every 2 weeks on every day",
    "FREQ=DAILY;INTERVAL=5;BYMONTHDAY=1,15;BYDAY=MO": (
        "every 5 days, if that is the 1st or 15th day of the month and a Monday"
    ),
    "FREQ=MONTHLY;BYDAY=SA;BYHOUR=11,19;BYMINUTE=0;BYSETPOS=1": (
        "every month, only the first of those on every Saturday at 11:00 and 19:00"
    ),
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO,TU;BYSETPOS=1": (
        "every year, only the first of those on every Monday and Tuesday in week 20 of the year"
    ),
    "FREQ=MONTHLY;INTERVAL=3;BYDAY=3MO,WE": "every 3 months on the third Monday and every Wednesday",
    "FREQ=YEARLY;INTERVAL=3;BYDAY=1MO": "every 3 years on the first Monday of the year",
    "FREQ=YEARLY;BYMONTH=3,4;BYDAY=1SU,WE": "every first Sunday and every Wednesday in March and April",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=10": "every month on the 10th day",
    "FREQ=WEEKLY;BYMINUTE=1": "every week at 1 minute past the hour",
    "FREQ=YEARLY;BYYEARDAY=1;BYMONTHDAY=1;COUNT=2": (
        "every year on the first day of the year, if that is the first day of the month, 2 times"
    ),
    "FREQ=YEARLY;BYWEEKNO=20;BYMONTH=5": "every year in May in week 20 of the year",
    "FREQ=YEARLY;BYMONTH=1;BYDAY=1MO;BYMONTHDAY=1,2,3": (
        "every year on the first to third day of January, if that is the first Monday of the month"
    ),
    "FREQ=YEARLY;BYDAY=-1SU,-2MO,3TU": (
        "every third Tuesday, last Sunday and second-to-last Monday of the year"
    ),
    "FREQ=WEEKLY;BYDAY=MO,TU,TH,FR,SA;INTERVAL=3;BYHOUR=7;BYMINUTE=30;UNTIL=20310101": (
        "every 3 weeks on Monday, Tuesday and Thursday to Saturday at 07:30, until 1 January 2031"
    ),
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=2;BYHOUR=9": "every month on the second Monday in the hour from 09:00",
    "FREQ=YEARLY;INTERVAL=2;BYMONTH=6,7,8;BYDAY=SA": "every 2 years on every Saturday from June to August",
}


@pytest.mark.parametrize(("rule", "words"), WORDS.items())
def test_a_rule_is_said_in_english(tx: psycopg.Connection, rule: str, words: str) -> None:
    assert value(tx, "select public.describe_rrule(%s)", rule) == words


@pytest.mark.parametrize("rule", ["FREQ=SOMETIMES", "", None])
def test_what_is_no_rule_has_no_words(tx: psycopg.Connection, rule: str | None) -> None:
    with expect_error(tx, "PT400", "invalid_recurrence"):
        value(tx, "select public.describe_rrule(%s)", rule)


def test_every_rule_has_words(tx: psycopg.Connection) -> None:
    random = Random("words")
    for _ in range(500):
        rule = random_rule(random).text
        words = value(tx, "select public.describe_rrule(%s)", rule)
        assert re.fullmatch(r"every( [\w:-]+,?)+", words), (rule, words)
        assert not words.endswith(","), rule
