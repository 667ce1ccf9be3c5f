"""Each term of the predicate over the calendar is needed: without it, cases of this suite fail."""

from __future__ import annotations

from random import Random

import psycopg
import pytest
from random_rules import random_rule
from rfc_examples import EXAMPLES
from test_recurrence_rules import expand, expand_all

# a piece of rrule_days and what stands there instead; removing it must be noticed
MUTANTS = {
    "BYMONTH": ("(p_months is null or i.n % 12 + 1 = any (p_months))", "true"),
    "month of DTSTART": ("(v_open_month is null or i.n % 12 = v_open_month)", "true"),
    "INTERVAL of months": ("(v_month_step is null or (i.n - v_month) % v_month_step = 0)", "true"),
    "INTERVAL of years": ("(v_year_step is null or (i.n / 12 - v_month / 12) % v_year_step = 0)", "true"),
    "INTERVAL of weeks": ("(v_week_step is null or (c.week - v_week) / 7 % v_week_step = 0)", "true"),
    "INTERVAL of days": ("(v_day_step is null or (c.day - p_start) % v_day_step = 0)", "true"),
    "weekday of DTSTART": ("(v_open_weekday is null or c.weekday = v_open_weekday)", "true"),
    "day of DTSTART": ("(v_open_month_day is null or c.month_day = v_open_month_day)", "true"),
    "BYYEARDAY": ("p_year_days is null or c.year_day", "true or c.year_day"),
    "BYYEARDAY from the end": ("c.year_day - c.year_days - 1 = any (p_year_days)", "false"),
    "BYMONTHDAY": ("p_month_days is null or c.month_day", "true or c.month_day"),
    "BYMONTHDAY from the end": ("c.month_day - c.month_days - 1 = any (p_month_days)", "false"),
    "BYDAY": ("(p_weekdays is null and p_nth_weekdays is null)", "true"),
    "BYDAY without an ordinal": ("c.weekday = any (p_weekdays)", "false"),
    "BYDAY of the month": ("((c.month_day - 1) / 7 + 1) * 8 + c.weekday = any (p_nth_weekdays)", "false"),
    "BYDAY from the month's end": (
        "((c.month_day - c.month_days) / 7 - 1) * 8 + c.weekday = any (p_nth_weekdays)",
        "false",
    ),
    "BYDAY of the year": ("((c.year_day - 1) / 7 + 1) * 8 + c.weekday = any (p_nth_weekdays)", "false"),
    "BYDAY from the year's end": (
        "((c.year_day - c.year_days) / 7 - 1) * 8 + c.weekday = any (p_nth_weekdays)",
        "false",
    ),
    "ordinals within BYMONTH": ("p_freq = 'MONTHLY' or p_months is not null", "p_freq = 'MONTHLY'"),
    "BYWEEKNO": ("(p_week_numbers is null or ticketdb.is_in_week", "(true or ticketdb.is_in_week"),
    "WKST": ("m.first_weekday + n.month_day - p_week_start", "m.first_weekday + n.month_day - 1"),
    "WKST of DTSTART": ("(v_weekday - p_week_start + 7)", "(v_weekday - 1 + 7)"),
    "the window's ends": ("c.day between p_first and p_last", "true"),
    "days of a month": ("n.month_day <= m.days", "n.month_day <= 30"),
    "periods of months": ("when 'MONTHLY' then c.month", "when 'MONTHLY' then 0"),
    "periods of weeks": ("when 'WEEKLY' then c.week", "when 'WEEKLY' then 0"),
    "periods of days": ("when 'DAILY' then c.day - v_epoch", "when 'DAILY' then 0"),
    "periods of years": ("then c.month / 12", "then 0"),
}
# what a window leaves out anyway is taken off once more by rrule_starts
HARMLESS = {"the window's ends"}


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
    said.append(expand(tx, "FREQ=WEEKLY;BYDAY=MO,TU,WE;BYSETPOS=2", "2030-01-02", "2030-01-01", "2030-03-01"))
    return said


@pytest.mark.parametrize("name", MUTANTS)
def test_without_it_something_is_expanded_otherwise(
    tx: psycopg.Connection, answers: list[object], name: str
) -> None:
    found, instead = MUTANTS[name]
    (source,) = tx.execute(
        "select pg_get_functiondef(p.oid) from pg_proc as p where p.proname = 'rrule_days'"
    ).fetchone() or ("",)
    assert source.count(found) == 1
    tx.execute(source.replace(found, instead).encode())
    assert (ask(tx) == answers) == (name in HARMLESS)
