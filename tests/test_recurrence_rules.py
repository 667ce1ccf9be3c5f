"""expand_rrule beside python-dateutil, the RFC, and by hand where both leave something open."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import psycopg
import pytest
from factories import expect_error
from random_rules import Rule, expected, random_rule
from rfc_examples import EXAMPLES

EXPAND = """
select array(select e.at from public.expand_rrule(w.rule, w.start, w.first, w.last) as e (at))
from unnest(%s::text[], %s::timestamp[], %s::timestamp[], %s::timestamp[])
    with ordinality as w (rule, start, first, last, place)
order by w.place
"""


def expand_all(
    tx: psycopg.Connection, rules: list[tuple[str, datetime, datetime, datetime]]
) -> list[list[datetime]]:
    columns = [list(column) for column in zip(*rules, strict=True)]
    return [starts for (starts,) in tx.execute(EXPAND, columns).fetchall()]


def expand(tx: psycopg.Connection, rule: str, start: str, first: str, last: str) -> list[str]:
    (starts,) = expand_all(tx, [(rule, *map(datetime.fromisoformat, (start, first, last)))])
    return [f"{at:%Y-%m-%d %H:%M}" for at in starts]


def differences(tx: psycopg.Connection, rules: list[Rule]) -> list[str]:
    """The rules that ours and dateutil read differently."""
    ours = expand_all(tx, [(rule.text, rule.start, rule.start, rule.end) for rule in rules])
    windows = expand_all(tx, [(rule.text, rule.start, rule.first, rule.last) for rule in rules])
    return [
        f"{rule.text} from {rule.start}"
        for rule, whole, window in zip(rules, ours, windows, strict=True)
        if (whole, window) != expected(rule)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_250_random_rules_are_read_as_dateutil_reads_them(tx: psycopg.Connection, seed: int) -> None:
    random = Random(seed)
    assert differences(tx, [random_rule(random) for _ in range(250)]) == []


@pytest.mark.parametrize(("rule", "start", "starts"), EXAMPLES, ids=[rule for rule, _, _ in EXAMPLES])
def test_the_examples_of_the_rfc(tx: psycopg.Connection, rule: str, start: str, starts: list[str]) -> None:
    ended = "COUNT" in rule or "UNTIL" in rule
    last = "2010-01-01 00:00" if ended else starts[-1]
    assert expand(tx, rule, start, start, last) == starts


@pytest.mark.parametrize(
    ("rule", "start", "first", "last", "starts"),
    [
        # a mixed BYDAY is a union
        (
            "FREQ=MONTHLY;BYDAY=3MO,WE",
            "2030-01-01 19:00",
            "2030-01-14",
            "2030-01-24",
            ["2030-01-16 19:00", "2030-01-21 19:00", "2030-01-23 19:00"],
        ),
        # a start that does not match is no occurrence, and is not counted
        (
            "FREQ=WEEKLY;BYDAY=TU;COUNT=2",
            "2030-01-02",
            "2030-01-01",
            "2031-01-01",
            ["2030-01-08", "2030-01-15"],
        ),
        # months without the day are passed over
        (
            "FREQ=MONTHLY",
            "2030-01-31",
            "2030-01-01",
            "2030-05-31",
            ["2030-01-31", "2030-03-31", "2030-05-31"],
        ),
        ("FREQ=YEARLY", "2096-02-29", "2096-01-01", "2105-01-01", ["2096-02-29", "2104-02-29"]),
        # without BYDAY a week means the weekday of the start
        ("FREQ=YEARLY;BYWEEKNO=1", "2029-06-04", "2029-06-04", "2031-01-01", ["2029-12-31", "2030-12-30"]),
        # counted from the end, the 53rd week is the first of those years that have so many
        (
            "FREQ=YEARLY;BYWEEKNO=-53;BYDAY=MO",
            "2019-01-01",
            "2019-01-01",
            "2027-01-01",
            ["2019-12-30", "2025-12-29"],
        ),
        # the first week-day's position in the year of weeks, part of which is in the calendar year before
        (
            "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,TU;BYSETPOS=1",
            "2024-06-01",
            "2024-06-01",
            "2026-06-01",
            ["2024-12-30", "2025-12-29"],
        ),
        # positions count from the week's beginning, though the rule begins later
        (
            "FREQ=WEEKLY;BYDAY=MO,TU,WE;BYSETPOS=2",
            "2030-01-02",
            "2030-01-01",
            "2030-01-16",
            ["2030-01-08", "2030-01-15"],
        ),
        # a date as UNTIL lasts to the end of it
        (
            "FREQ=DAILY;UNTIL=20300103",
            "2030-01-01 19:00",
            "2030-01-01",
            "2030-02-01",
            ["2030-01-01 19:00", "2030-01-02 19:00", "2030-01-03 19:00"],
        ),
        (
            "FREQ=DAILY;UNTIL=20300103T190000",
            "2030-01-02 19:00",
            "2030-01-01",
            "2030-02-01",
            ["2030-01-02 19:00", "2030-01-03 19:00"],
        ),
        (
            "FREQ=DAILY;UNTIL=20300103T185959Z",
            "2030-01-02 19:00",
            "2030-01-01",
            "2030-02-01",
            ["2030-01-02 19:00"],
        ),
        # both ends are included
        (
            "FREQ=DAILY",
            "2030-01-01 19:00",
            "2030-01-05 19:00",
            "2030-01-06 19:00",
            ["2030-01-05 19:00", "2030-01-06 19:00"],
        ),
        ("FREQ=DAILY", "2030-01-01 19:00", "2030-01-05 19:01", "2030-01-06 18:59", []),
        # several shows a day, of which the first was before the start
        (
            "FREQ=DAILY;BYHOUR=11,20;BYMINUTE=0,30;COUNT=3",
            "2030-01-01 12:00",
            "2030-01-01",
            "2030-02-01",
            ["2030-01-01 20:00", "2030-01-01 20:30", "2030-01-02 11:00"],
        ),
        (
            "FREQ=DAILY;BYHOUR=11,20;BYSETPOS=-1",
            "2030-01-01 12:15",
            "2030-01-01",
            "2030-01-02 23:00",
            ["2030-01-01 20:15", "2030-01-02 20:15"],
        ),
        # a rule with COUNT, long over and far away
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU;COUNT=999999",
            "2000-01-01 10:00",
            "2030-01-05",
            "2030-01-07",
            ["2030-01-05 10:00", "2030-01-06 10:00"],
        ),
        ("FREQ=DAILY;COUNT=10", "2000-01-01", "2030-01-01", "2031-01-01", []),
        # small letters, a property's name before it, the order
        (
            "rrule:byday=mo;freq=weekly",
            "2030-01-07",
            "2030-01-01",
            "2030-01-20",
            ["2030-01-07", "2030-01-14"],
        ),
    ],
)
def test_what_libraries_read_differently(
    tx: psycopg.Connection, rule: str, start: str, first: str, last: str, starts: list[str]
) -> None:
    assert expand(tx, rule, start, first, last) == [at if ":" in at else f"{at} 00:00" for at in starts]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYYEARDAY=1;BYMONTH=2",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31;COUNT=5",
        "FREQ=DAILY;BYHOUR=9;BYSETPOS=2",
        "FREQ=WEEKLY;BYDAY=MO;UNTIL=19990101",
    ],
)
def test_a_rule_that_never_matches_ends(tx: psycopg.Connection, rule: str) -> None:
    tx.execute("set local statement_timeout = '10s'")
    assert expand(tx, rule, "2030-01-01", "2030-01-01", "2429-12-31") == []


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Apia"])
def test_the_session_s_zone_and_date_style_say_nothing(tx: psycopg.Connection, zone: str) -> None:
    tx.execute("select set_config('TimeZone', %s, true)", (zone,))
    tx.execute("set local datestyle = 'SQL, DMY'")
    starts = expand(tx, "FREQ=DAILY;UNTIL=20260310T023000Z", "2026-03-08 02:30", "2026-03-01", "2026-04-01")
    assert starts == ["2026-03-08 02:30", "2026-03-09 02:30", "2026-03-10 02:30"]


@pytest.mark.parametrize(
    "arguments",
    [
        (None, datetime(2030, 1, 1), datetime(2031, 1, 1)),
        (datetime(2030, 1, 1), None, datetime(2031, 1, 1)),
        (datetime(2030, 1, 1), datetime(2030, 1, 1), "infinity"),
        (datetime(2030, 1, 1), datetime(2030, 1, 1), datetime(2030, 1, 1) + timedelta(days=150_000)),
        (datetime(999, 1, 1), datetime(2030, 1, 1), datetime(2031, 1, 1)),
    ],
)
def test_a_period_without_end_is_refused(tx: psycopg.Connection, arguments: tuple) -> None:
    with expect_error(tx, "PT400", "invalid_argument"):
        tx.execute("select public.expand_rrule('FREQ=DAILY', %s, %s, %s)", arguments)
