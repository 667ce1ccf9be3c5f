"""Admission policies: how often a ticket admits, and what comes of a scan after the first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from factories import (
    call,
    change,
    define,
    expect_constraint,
    expect_error,
    pay,
    reserve,
    row,
    schedule,
    value,
)

pytestmark = pytest.mark.usefixtures("sound")


def ticket(tx: psycopg.Connection, **event: Any) -> UUID:
    """The code of a paid ticket of an event of this policy."""
    held = reserve(tx, schedule(tx, define(tx, **event)), contact='{"name": "Asha Rao"}')
    (code,) = pay(tx, held.reservation_id).ticket_codes
    return code


def scan(tx: psycopg.Connection, code: UUID, moment: str | None = None, **named: Any) -> Any:
    return call(tx, "check_in", code, scanned_at=moment, **named)


def results(tx: psycopg.Connection, code: UUID, *moments: str | None) -> list[str]:
    return [scan(tx, code, moment).result for moment in moments]


def counted(tx: psycopg.Connection, code: UUID) -> tuple[int, int]:
    """How often the ticket was scanned, and what the application sees of its participant."""
    return tuple(
        row(
            tx,
            """
            select t.scan_count as tickets, p.scan_count as participants
            from public.event_tickets as t
            join public.program_participants as p on p.id = t.participant_id
            where t.ticket_code = %s and p.is_verified
            """,
            code,
        )
    )


def test_without_a_word_a_ticket_admits_once(tx: psycopg.Connection) -> None:
    assert value(tx, "select admission_policy from public.event_definitions where id = %s", define(tx)) == (
        "once"
    )
    assert results(tx, ticket(tx), None, None) == ["admitted", "already_used"]


def test_n_entries_admit_so_often(tx: psycopg.Connection) -> None:
    code = ticket(tx, admission_policy="n_entries", max_entries=3)
    assert results(tx, code, *[None] * 5) == ["admitted"] * 3 + ["already_used"] * 2
    assert counted(tx, code) == (5, 3)


def test_first_admission_is_remembered_through_all_others(tx: psycopg.Connection) -> None:
    code = ticket(tx, admission_policy="n_entries", max_entries=3)
    first = scan(tx, code)
    assert scan(tx, code).first_scanned_at == first.first_scanned_at


def test_once_a_day_counts_the_days_of_the_venue(tx: psycopg.Connection) -> None:
    code = ticket(tx, admission_policy="once_a_day", timezone="Asia/Kolkata")
    # midnight in Kolkata is 18:30 in UTC
    assert results(
        tx,
        code,
        "2031-03-01 18:29Z",
        "2031-03-01 18:29:59Z",
        "2031-03-01 18:30Z",
        "2031-03-02 18:29Z",
        "2031-03-02 18:31Z",
    ) == ["admitted", "already_used", "admitted", "already_used", "admitted"]
    assert counted(tx, code) == (5, 3)


def test_once_a_day_takes_a_scan_of_a_day_before_that_comes_late(tx: psycopg.Connection) -> None:
    code = ticket(tx, admission_policy="once_a_day")
    moments = ("2031-03-02 12:00Z", "2031-03-01 12:00Z", "2031-03-01 13:00Z")
    assert results(tx, code, *moments) == ["admitted", "admitted", "already_used"]


def test_in_and_out_scans_are_entry_and_exit_in_turn(tx: psycopg.Connection) -> None:
    code = ticket(tx, admission_policy="in_and_out")
    assert results(tx, code, *[None] * 5) == ["admitted", "exited", "admitted", "exited", "admitted"]
    # the application counts who came in
    assert counted(tx, code) == (5, 3)


def test_numbers_that_the_application_wrote_itself_are_added_to(tx: psycopg.Connection) -> None:
    code = ticket(tx, admission_policy="in_and_out")
    scan(tx, code)
    tx.execute("update public.program_participants set scan_count = 40")
    assert results(tx, code, None, None) == ["exited", "admitted"]
    assert counted(tx, code) == (3, 41)


@pytest.mark.parametrize(
    "event",
    [{"admission_policy": "in_and_out"}, {"admission_policy": "n_entries", "max_entries": 2}],
    ids=["in_and_out", "n_entries"],
)
def test_scan_that_is_sent_again_changes_nothing(tx: psycopg.Connection, event: dict[str, Any]) -> None:
    code, sent = ticket(tx, **event), uuid4()
    first = scan(tx, code, scan_id=sent)
    assert [scan(tx, code, scan_id=sent) for _ in range(3)] == [first] * 3
    assert counted(tx, code) == (1, 1)


def test_refused_scans_use_nothing_up(tx: psycopg.Connection) -> None:
    code = ticket(tx, admission_policy="n_entries", max_entries=2)
    other = schedule(tx)
    told = [scan(tx, code, schedule_id=place).result for place in (None, other, other, None)]
    assert told == ["admitted", "wrong_schedule", "wrong_schedule", "admitted"]


def test_cancelled_ticket_is_void_under_every_policy(tx: psycopg.Connection) -> None:
    code = ticket(tx, admission_policy="in_and_out")
    assert results(tx, code, None) == ["admitted"]
    reservation = value(tx, "select reservation_id from public.event_tickets where ticket_code = %s", code)
    call(tx, "cancel_reservation", reservation)
    assert results(tx, code, None, None) == ["void", "void"]


def test_a_new_policy_holds_for_tickets_that_were_scanned_before(tx: psycopg.Connection) -> None:
    code = ticket(tx)
    assert results(tx, code, None, None) == ["admitted", "already_used"]
    event = value(tx, "select max(id) from public.event_definitions")
    change(tx, "event_definitions", event, admission_policy="n_entries", max_entries=2)
    assert results(tx, code, None, None) == ["admitted", "already_used"]


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"admission_policy": "always"}, "admission_policy_known"),
        ({"admission_policy": "n_entries"}, "entries_counted_by_policy"),
        ({"admission_policy": "n_entries", "max_entries": 0}, "entries_counted_by_policy"),
        ({"max_entries": 3}, "entries_counted_by_policy"),
    ],
)
def test_policy_that_makes_no_sense_is_refused(
    tx: psycopg.Connection, columns: dict[str, Any], constraint: str
) -> None:
    with expect_constraint(tx, constraint):
        define(tx, **columns)


def test_policy_is_read_in_the_venues_zone_whatever_the_session_has(tx: psycopg.Connection) -> None:
    code = ticket(tx, admission_policy="once_a_day", timezone="Asia/Kolkata")
    moment = datetime.fromisoformat("2031-03-01T18:29:00+00:00")
    told = []
    for zone in ("Pacific/Apia", "America/New_York"):
        tx.execute("select set_config('TimeZone', %s, true)", (zone,))
        told.append(scan(tx, code, str(moment)).result)
        moment += timedelta(minutes=2)
    assert told == ["admitted", "admitted"]


def test_holder_who_came_in_several_times_under_another_policy_is_inside_once(tx: psycopg.Connection) -> None:
    code = ticket(tx, admission_policy="n_entries", max_entries=4)
    assert results(tx, code, *[None] * 3) == ["admitted"] * 3
    class_, event = row(
        tx,
        """
        select s.id, s.event_definition_id
        from public.event_tickets as t
        join public.ticket_reservations as r on r.id = t.reservation_id
        join public.event_schedules as s on s.id = r.schedule_id
        where t.ticket_code = %s
        """,
        code,
    )
    change(tx, "event_definitions", event, admission_policy="in_and_out", max_entries=None)
    inside = "select inside_now from public.v_attendance where schedule_id = %s"
    assert value(tx, inside, class_) == 1
    assert results(tx, code, None) == ["exited"]
    assert value(tx, inside, class_) == 0
    assert results(tx, code, None, None) == ["admitted", "exited"]


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "4000-01-01", "0044-03-15 BC"])
def test_scan_at_no_time_of_the_calendar_is_refused_and_admits_nobody(
    tx: psycopg.Connection, moment: str
) -> None:
    code = ticket(tx)
    with expect_error(tx, "PT400", "invalid_argument"):
        scan(tx, code, moment)
    assert results(tx, code, None) == ["admitted"]
