"""Each term of the predicate over the calendar is needed: without it, cases of this suite fail."""

from __future__ import annotations

from random import Random

import psycopg
import pytest
from random_rules import random_rule
from rfc_examples import EXAMPLES
from test_recurrence_rules import expand, expand_all

# a piece of the predicate (rrule_days), or of the periods in which positions are counted (rrule_starts), and
# what stands there instead; removing it must be noticed
MUTANTS = {
    "BYMONTH": ("(p_months is null or i.n % 12 + 1 = any (p_months))", "true"),
    "month of DTSTART": ("coalesce(p_months, array[v_month % 12 + 1])", "p_months"),
    "INTERVAL of months and years": (
        "(v_month_step is null or (i.n - v_origin) / v_unit % v_month_step = 0)",
        "true",
    ),
    "INTERVAL of days and weeks": (
        "(v_day_step is null or (c.day - v_origin) / v_unit % v_day_step = 0)",
        "true",
    ),
    "weeks of an INTERVAL": ("when 'WEEKLY' then 7", "when 'WEEKLY' then 1"),
    "years of an INTERVAL": ("when 'YEARLY' then 12", "when 'YEARLY' then 1"),
    "beginning of an INTERVAL of days": ("when 'DAILY' then v_start", "when 'DAILY' then 0"),
    "beginning of an INTERVAL of months": ("when 'MONTHLY' then v_month", "when 'MONTHLY' then 0"),
    "beginning of an INTERVAL of years": ("else v_month / 12 * 12", "else v_month"),
    "weekday of DTSTART": ("array[v_start % 7 + 1]", "p_weekdays"),
    "day of DTSTART": ("array[date_part('day', p_start)::int]", "p_month_days"),
    "BYYEARDAY": ("p_year_days is null", "true"),
    "BYYEARDAY from the beginning": ("c.day - c.year_before = any (p_year_days)", "false"),
    "BYYEARDAY from the end": ("c.day - c.year_after = any (p_year_days)", "false"),
    "BYMONTHDAY": ("p_month_days is null\n", "true\n"),
    "BYMONTHDAY from the beginning": ("c.day - c.month_before = any (p_month_days)", "false"),
    "BYMONTHDAY from the end": ("c.day - c.month_after = any (p_month_days)", "false"),
    "BYDAY": ("(p_weekdays is null and p_nth_weekdays is null)", "true"),
    "BYDAY without an ordinal": ("c.day % 7 + 1 = any (p_weekdays)", "false"),
    "BYDAY from the beginning": (
        "(c.day - c.nth_before + 6) / 7 * 8 + c.day % 7 + 1 = any (p_nth_weekdays)",
        "false",
    ),
    "BYDAY from the end": (
        "(c.day - c.nth_after - 6) / 7 * 8 + c.day % 7 + 1 = any (p_nth_weekdays)",
        "false",
    ),
    "BYDAY of the month": ("p_freq = 'MONTHLY' or p_months is not null", "false"),
    "BYDAY of the year": ("p_freq = 'MONTHLY' or p_months is not null", "true"),
    "ordinals within BYMONTH": ("p_freq = 'MONTHLY' or p_months is not null", "p_freq = 'MONTHLY'"),
    "BYWEEKNO": ("(p_week_numbers is null or ticketdb.is_in_week", "(true or ticketdb.is_in_week"),
    "WKST of DTSTART": ("(v_start + 8 - p_week_start)", "(v_start + 7)"),
    "the window's beginning": ("greatest(m.month_before + 1, v_first)", "m.month_before + 1"),
    "the window's end": ("least(m.month_after - 1, v_last)", "m.month_after - 1"),
    "the last month": (
        "generate_series(v_first_month, v_last_month)",
        "generate_series(v_first_month, v_last_month - 1)",
    ),
    "periods of days": ("when 'DAILY' then d.day", "when 'DAILY' then date '2000-01-01'"),
    "periods of weeks": ("when 'WEEKLY' then d.week", "when 'WEEKLY' then date '2000-01-01'"),
    "periods of months": ("when 'MONTHLY' then date_trunc('month'", "when 'MONTHLY' then date_trunc('year'"),
    "periods of years": ("else date_trunc('year'", "else date_trunc('century'"),
    "periods of years of weeks": ("else d.week + 3 end", "else d.day end"),
    "WKST of periods": ("date '0001-01-01' + 8 - v_rule.week_start", "date '0001-01-01' + 7"),
}
HARMLESS = {"the window's beginning", "the window's end"}


@pytest.fixture
def answers(tx: psycopg.Connection) -> list[object]:
    """What the function says as it is."""
    return ask(tx)


def ask(tx: psycopg.Connection) -> list[object]:
    random = Random(0)
    rules = [random_rule(random) for _ in range(400)]
    said: list[object] = list(
        expand_all(tx, [(rule.text, rule.start, rule.start, rule.end) for rule in rules])
    )
    said += [expand(tx, rule, start, start, "2001-01-01") for rule, start, _ in EXAMPLES]
    # what random rules leave out, because dateutil reads it otherwise
    said.append(expand(tx, "FREQ=WEEKLY;BYDAY=MO,TU,WE;BYSETPOS=2", "2030-01-02", "2030-01-01", "2030-03-01"))
    said.append(
        expand(tx, "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,TU;BYSETPOS=1", "2024-06-01", "2024-06-01", "2026-06-01")
    )
    return said


@pytest.mark.parametrize("name", MUTANTS)
def test_without_it_something_is_expanded_otherwise(
    tx: psycopg.Connection, answers: list[object], name: str
) -> None:
    found, instead = MUTANTS[name]
    sources = tx.execute(
        """
        select pg_get_functiondef(p.oid)
        from pg_proc as p
        where p.pronamespace = 'ticketdb'::regnamespace and p.proname in ('rrule_days', 'rrule_starts')
        """
    ).fetchall()
    (source,) = [source for (source,) in sources if found in source]
    assert source.count(found) == 1
    tx.execute(source.replace(found, instead).encode())
    assert (ask(tx) == answers) == (name in HARMLESS)
