"""definition_ics beside icalendar and dateutil, and back in through import_event: the same occurrences."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from random import Random

import psycopg
import pytest
from factories import change, define, expect_error, insert, row, schedule, value
from random_rules import random_rule
from roles import acting
from rule_calendars import HOUR, bring_in, export, listed, ours, recurring, theirs, vevent


def scatter(tx: psycopg.Connection, random: Random, event: int, venue: int, first: date, last: date) -> None:
    """Exceptions of every kind, on days on which there is something and on others."""
    starts = [start for start, _ in ours(tx, event, first, last)]
    for place, start in enumerate(random.sample(starts, min(9, len(starts)))):
        day = start.date()
        match place % 4:
            case 0:
                columns = {"event_definition_id": event}
            case 1:
                columns = {"event_definition_id": event, "start_time": start.time()}
            case 2:
                columns = {"venue_id": venue}
            case _:
                end = (start + random.choice((HOUR, 2 * HOUR))).time()
                columns = {"event_definition_id": event, "kind": "added", "start_time": start.time()}
                columns |= {"end_time": end, "extra_days": random.choice((0, 0, 1, 3))}
        columns["exception_date"] = day
        # a day with several starts may have it already
        with suppress(psycopg.errors.UniqueViolation), tx.transaction():
            insert(tx, "schedule_exceptions", **columns)
    for _ in range(3):
        day = first + timedelta(days=random.randrange((last - first).days + 1))
        at = time(random.randrange(24), 10 + random.randrange(5))
        end = random.choice((None, time(23, 59)))
        insert(
            tx,
            "schedule_exceptions",
            event_definition_id=event,
            kind="added",
            exception_date=day,
            start_time=at,
            end_time=end,
        )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"])
def test_random_rules_and_exceptions_are_read_alike_by_others_and_come_back(
    tx: psycopg.Connection, seed: int, zone: str
) -> None:
    random = Random(f"{zone}{seed}")
    for number in range(4):
        rule = random_rule(random)
        if "WEEKLY" in rule.text and "BYSETPOS" in rule.text:
            # dateutil counts from DTSTART, which a calendar has at the first start
            continue
        try:
            with tx.transaction():
                venue = insert(tx, "venues", name="Hall")
                days = random.choice((0, 0, 1, 2, 9))
                event = recurring(
                    tx, rule.text, rule.start, timezone=zone, venue_id=venue, default_extra_days=days
                )
        except psycopg.Error as refused:
            if refused.sqlstate != "PT400":
                raise
            # a rule that never takes place
            continue
        windows = [
            (rule.start.date() - timedelta(days=1), rule.end.date()),
            (rule.first.date(), rule.last.date()),
        ]
        scatter(tx, random, event, venue, *windows[0])
        text = export(tx, event)
        copy = bring_in(tx, text, f"copy {number}")
        assert copy.result == "created"
        for window in windows:
            expected = ours(tx, event, *window)
            assert theirs(text, *window) == expected, rule.text
            assert ours(tx, copy.event_definition_id, *window) == expected, rule.text
        assert bring_in(tx, text, f"copy {number}").result == "unchanged"
        assert bring_in(tx, text).result == "unchanged"
        assert theirs(export(tx, copy.event_definition_id), *windows[0]) == ours(tx, event, *windows[0])


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({"recurrence_type": "daily"}, "FREQ=DAILY"),
        ({"recurrence_type": "daily", "recurrence_days": "6,7"}, "FREQ=WEEKLY;BYDAY=SA,SU"),
        ({"recurrence_type": "weekly", "recurrence_days": "3,1"}, "FREQ=WEEKLY;BYDAY=MO,WE"),
    ],
)
def test_daily_and_weekly_events_are_the_rules_that_they_stand_for(
    tx: psycopg.Connection, columns: dict[str, str], rule: str
) -> None:
    event = define(tx, timezone="Europe/Paris", recurrence_starts_on=date(2031, 3, 1), **columns)
    text = export(tx, event)
    assert f"\r\nRRULE:{rule}\r\n" in text
    assert theirs(text, date(2031, 1, 1), date(2031, 12, 31)) == ours(
        tx, event, date(2031, 1, 1), date(2031, 12, 31)
    )
    assert bring_in(tx, text).result == "unchanged"


def test_event_without_a_first_day_begins_when_it_was_made_or_has_its_first_occurrence(
    tx: psycopg.Connection,
) -> None:
    event = define(tx, timezone="UTC")
    made = value(tx, "select created_at from event_definitions where id = %s", event)
    assert vevent(export(tx, event))["DTSTART"].dt.date() == made.date()
    schedule(tx, event, schedule_date=date(2021, 3, 1))
    assert vevent(export(tx, event))["DTSTART"].dt.date() == date(2021, 3, 1)


@pytest.mark.parametrize(
    ("until", "written"),
    [
        ("20310401", "20310401T215959Z"),
        ("20310401T070000", "20310401T050000Z"),
        ("20310401T050000Z", "20310401T050000Z"),
    ],
)
def test_until_is_written_in_utc_and_means_the_same(tx: psycopg.Connection, until: str, written: str) -> None:
    event = recurring(tx, f"FREQ=DAILY;UNTIL={until}", datetime(2031, 3, 28, 7), timezone="Europe/Paris")
    text = export(tx, event)
    assert f"UNTIL={written}" in text
    period = (date(2031, 3, 1), date(2031, 5, 1))
    assert theirs(text, *period) == ours(tx, event, *period)
    assert len(theirs(text, *period)) == 5


def test_calendar_begins_with_a_start_that_the_rule_names(tx: psycopg.Connection) -> None:
    event = recurring(tx, "FREQ=WEEKLY;BYDAY=TU;COUNT=2", datetime(2030, 1, 2, 19))
    assert vevent(export(tx, event))["DTSTART"].dt.replace(tzinfo=None) == datetime(2030, 1, 8, 19)


def test_day_that_is_left_out_is_each_start_of_it_but_not_what_is_added(tx: psycopg.Connection) -> None:
    event = recurring(tx, "FREQ=DAILY;BYHOUR=9,18", datetime(2031, 3, 1, 9), timezone="UTC")
    insert(tx, "schedule_exceptions", event_definition_id=event, exception_date="2031-03-03")
    seen = vevent(export(tx, event))
    assert [at.hour for at in listed(seen, "EXDATE")] == [9, 18]
    added = {"event_definition_id": event, "kind": "added", "exception_date": "2031-03-03"}
    insert(tx, "schedule_exceptions", start_time="18:00", **added)
    insert(tx, "schedule_exceptions", start_time="20:00", end_time="20:30", **added)
    seen = vevent(export(tx, event))
    assert [at.hour for at in listed(seen, "EXDATE")] == [9]
    ((start, length),) = listed(seen, "RDATE")
    assert (start.hour, length) == (20, timedelta(minutes=30))


def test_an_event_that_does_not_recur_has_no_rule(tx: psycopg.Connection) -> None:
    event = define(tx, recurrence_type="none")
    with expect_error(tx, "PT400", "not_recurring", event_definition_id=event):
        export(tx, event)
    with expect_error(tx, "PT404", "definition_not_found", event_definition_id=2_000_000_000):
        export(tx, 2_000_000_000)


def test_visitor_has_the_rule_of_what_is_public_with_what_is_left_out(tx: psycopg.Connection) -> None:
    tx.execute("select ticketdb.create_roles(), ticketdb.grant_roles()")
    public = define(tx, title="Public", recurrence_starts_on=date(2031, 3, 1))
    insert(tx, "schedule_exceptions", event_definition_id=public, exception_date="2031-03-03", reason="ill")
    draft = define(tx, is_active=False)
    with acting(tx, "anon"):
        text = export(tx, public)
        assert [at.day for at in listed(vevent(text), "EXDATE")] == [3]
        assert "ill" not in text
        for hidden in (draft, 2_000_000_000):
            with expect_error(tx, "PT404", "definition_not_found", event_definition_id=hidden):
                export(tx, hidden)
    with acting(tx, "authenticated"), expect_error(tx, "PT404", "definition_not_found"):
        export(tx, draft)
    for role, claims in (("authenticated", {"app_metadata": {"role": "admin"}}), ("service_role", {})):
        with acting(tx, role, **claims):
            assert vevent(export(tx, draft))


def test_uid_stays_and_is_that_of_the_calendar_it_came_from(tx: psycopg.Connection) -> None:
    event = define(tx)
    before = vevent(export(tx, event))["UID"]
    change(tx, "event_definitions", event, title="Other", default_start_time="06:00")
    assert vevent(export(tx, event))["UID"] == before
    copy = bring_in(tx, export(tx, event), "a;b,c\\d@example.org")
    assert vevent(export(tx, copy.event_definition_id))["UID"] == "a;b,c\\d@example.org"
    assert row(tx, "select is_active from event_definitions where id = %s", copy.event_definition_id) == (
        False,
    )
