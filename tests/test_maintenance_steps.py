"""The daily round: a step that fails stops no other, and what is told or called off is tidied away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from factories import (
    NEXT_WEEK,
    book,
    call,
    change,
    define,
    insert,
    lapse,
    lapsed_hold,
    reserve,
    schedule,
    sell,
    value,
)
from outbox import claim, complete, messages
from pass_helpers import DAY, TODAY, ZONE, sell_pass, visits_type
from waitlists import join, sold_out

pytestmark = pytest.mark.usefixtures("sound")
LONG_AGO = NEXT_WEEK - timedelta(days=120)


def maintain(tx: psycopg.Connection) -> dict[str, Any]:
    return call(tx, "run_maintenance", 1).run_maintenance


def late(tx: psycopg.Connection) -> None:
    """Something for every step to do: one of each kind of work, and two occurrences to generate."""
    now, once = datetime.now(UTC), {"recurrence_type": "none"}
    define(tx, default_start_time="23:59", default_end_time="00:30")
    told = sell(tx, schedule(tx, define(tx, **once)))
    (message,) = claim(tx)
    complete(tx, message)
    change(tx, "ticket_notifications", message.notification_id, completed_at=now - timedelta(days=91))
    call(tx, "cancel_reservation", told)
    soon = (now + timedelta(hours=40)).astimezone(ZONE)
    start, end = soon.time().replace(microsecond=0), (soon + timedelta(minutes=30)).time()
    sell(tx, schedule(tx, define(tx, **once), schedule_date=soon.date(), start_time=start, end_time=end))
    old = lapsed_hold(tx, schedule(tx, define(tx, **once)))
    change(tx, "ticket_reservations", old, status="released", closed_at=now - timedelta(days=91))
    closing, _ = sold_out(tx, definition_id=define(tx, **once))
    join(tx, closing)
    change(tx, "event_schedules", closing, sales_close_at=now)
    wanted = schedule(tx, define(tx, **once), max_tickets=1)
    lapsed = reserve(tx, wanted).reservation_id
    join(tx, wanted)
    lapse(tx, lapsed)
    schedule(tx, define(tx, **once), schedule_date=NEXT_WEEK - timedelta(days=20))
    called_off(tx, status="cancelled")
    paid = sell_pass(tx, visits_type(tx, define(tx, **once)), renews=True).pass_id
    change(tx, "event_passes", paid, starts_on=TODAY - 20 * DAY, ends_on=TODAY + 3 * DAY)


def test_one_round_does_every_kind_of_work_and_a_second_finds_none(tx: psycopg.Connection) -> None:
    late(tx)
    assert maintain(tx) == {
        "schedules_generated": 2,
        "notifications_purged": 1,
        "reminders_queued": 1,
        "holds_deleted": 1,
        "waitlist_closed": 1,
        "holds_expired": 1,
        "waitlist_offers": 1,
        "schedules_completed": 1,
        "schedules_deleted": 1,
        "passes_renewed": 1,
    }
    assert not any(maintain(tx).values())


def fail(tx: psycopg.Connection, definition: int) -> None:
    """Let no occurrence of an event be made, as an application's trigger may."""
    tx.execute(
        f"""
        create function pg_temp.fail() returns trigger language plpgsql as
        $$ begin raise exception 'not this one'; end $$;
        create trigger fail before insert on public.event_schedules
        for each row when (new.event_definition_id = {definition}) execute function pg_temp.fail();
        """
    )


def test_an_event_that_cannot_be_generated_keeps_no_other_waiting(tx: psycopg.Connection) -> None:
    bad, good = define(tx, event_code="bad"), define(tx)
    hold = lapsed_hold(tx, schedule(tx, define(tx, recurrence_type="none")))
    fail(tx, bad)
    counts = maintain(tx)
    assert counts["errors"] == [
        {"step": "schedules_generated", "event_code": "bad", "sqlstate": "P0001", "message": "not this one"}
    ]
    assert (counts["schedules_generated"], counts["holds_expired"]) == (2, 1)
    made = "select count(*) from public.event_schedules where event_definition_id = %s"
    assert (value(tx, made, bad), value(tx, made, good)) == (0, 2)
    assert value(tx, "select status from public.ticket_reservations where id = %s", hold) == "expired"


def test_a_step_that_fails_is_undone_and_reported_and_the_others_go_on(tx: psycopg.Connection) -> None:
    lapsed_hold(tx, schedule(tx))
    past = schedule(tx, schedule_date=LONG_AGO)
    tx.execute(
        """
        create or replace function ticketdb.expire_holds(
            p_limit int, out holds_expired bigint, out waitlist_offers bigint
        ) language plpgsql as $$
        begin
            update public.event_definitions set title = 'half done';
            raise exception 'no luck';
        end
        $$
        """
    )
    counts = maintain(tx)
    assert counts["errors"] == [{"step": "holds_expired", "sqlstate": "P0001", "message": "no luck"}]
    assert (counts["holds_expired"], counts["schedules_completed"] > 0) == (0, True)
    assert value(tx, "select status from public.event_schedules where id = %s", past) == "completed"
    assert value(tx, "select count(*) from public.event_definitions where title = 'half done'") == 0


def test_a_round_without_errors_has_no_list_of_them(tx: psycopg.Connection) -> None:
    assert "errors" not in maintain(tx)


def test_messages_are_forgotten_ninety_days_after_they_were_sent(tx: psycopg.Connection) -> None:
    for _ in range(3):
        sell(tx, schedule(tx))
    old, young, _ = claim(tx)
    complete(tx, old)
    complete(tx, young)
    now = datetime.now(UTC)
    change(tx, "ticket_notifications", old.notification_id, completed_at=now - timedelta(days=91))
    change(tx, "ticket_notifications", young.notification_id, completed_at=now - timedelta(days=89))
    assert maintain(tx)["notifications_purged"] == 1
    assert [status for _, status in messages(tx)] == ["sent", "pending"]


def called_off(tx: psycopg.Connection, **columns: Any) -> int:
    return schedule(tx, define(tx, recurrence_type="none"), **{"schedule_date": LONG_AGO, **columns})


def test_cancelled_occurrences_that_concern_nobody_are_deleted_after_ninety_days(
    tx: psycopg.Connection,
) -> None:
    off = {"status": "cancelled"}
    gone = called_off(tx, **off)
    kept = [
        called_off(tx, **off, schedule_date=NEXT_WEEK),
        called_off(tx, **off, schedule_date=datetime.now(UTC).date() - timedelta(days=80)),
        called_off(tx, status="completed"),
        called_off(tx),
        called_off(tx, **off, booking_id=book(tx, None)),
    ]
    held = called_off(tx, schedule_date=NEXT_WEEK)
    reserve(tx, held)
    booked = called_off(tx, **off)
    book(tx, booked, is_admin_booking=True)
    joined = called_off(tx, **off)
    insert(tx, "program_participants", program_type="yoga", event_schedule_id=joined)
    change(tx, "event_schedules", held, status="cancelled", schedule_date=LONG_AGO)
    assert maintain(tx)["schedules_deleted"] == 1
    left = {one for (one,) in tx.execute("select id from public.event_schedules").fetchall()}
    assert gone not in left
    assert {*kept, held, booked, joined} <= left
    assert maintain(tx)["schedules_deleted"] == 0
