"""The door: who is let in, once, and what the door is told of everybody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from factories import (
    book,
    call,
    change,
    define,
    expect_error,
    pay,
    reserve,
    row,
    rows,
    schedule,
    user,
    value,
)

from ticketdb import TicketDB

pytestmark = pytest.mark.usefixtures("sound")


def tickets(tx: psycopg.Connection, class_: int, quantity: int = 1, **named: Any) -> list[UUID]:
    """The codes of a paid order."""
    held = reserve(tx, class_, quantity, contact='{"name": "Asha Rao"}')
    return pay(tx, held.reservation_id, **named).ticket_codes


def check_in(tx: psycopg.Connection, code: UUID | None, **named: Any) -> Any:
    return call(tx, "check_in", code, **named)


def ticket(tx: psycopg.Connection, code: UUID) -> Any:
    return row(
        tx,
        "select id, status, scan_count, first_scanned_at from public.event_tickets where ticket_code = %s",
        code,
    )


def scans(tx: psycopg.Connection, code: UUID) -> list[Any]:
    """What is on record of a ticket: result, gate, moment, scan."""
    return rows(
        tx,
        """
        select c.result, c.gate, c.scanned_at, c.scan_id
        from public.ticket_check_ins as c
        join public.event_tickets as t on t.id = c.ticket_id
        where t.ticket_code = %s
        order by c.id
        """,
        code,
    )


def participant(tx: psycopg.Connection, class_: int) -> Any:
    return row(
        tx,
        """
        select name, is_verified, scan_count, ticket_quantity
        from public.program_participants where event_schedule_id = %s
        """,
        class_,
    )


# -- admitted, once


def test_a_ticket_admits_its_holder_once(tx: psycopg.Connection) -> None:
    (code,) = tickets(tx, class_ := schedule(tx))
    before = datetime.now(UTC)
    first = check_in(tx, code, schedule_id=class_, gate="north")
    assert first[:5] == ("admitted", ticket(tx, code).id, "Asha Rao", 1, 1)
    assert abs(first.first_scanned_at - before) < timedelta(seconds=10)
    again = check_in(tx, code, schedule_id=class_, gate="south")
    assert again == first._replace(result="already_used", scan_count=2)
    assert ticket(tx, code)[1:] == ("valid", 2, first.first_scanned_at)
    assert [scan[:2] for scan in scans(tx, code)] == [("admitted", "north"), ("already_used", "south")]


def test_the_moment_of_a_scan_is_that_which_the_scanner_names(tx: psycopg.Connection) -> None:
    (code,) = tickets(tx, schedule(tx))
    first, later = (datetime.now(UTC) + timedelta(minutes=n) for n in (-20, -10))
    assert check_in(tx, code, scanned_at=first).first_scanned_at == first
    assert check_in(tx, code, scanned_at=later).first_scanned_at == first
    assert [scan.scanned_at for scan in scans(tx, code)] == [first, later]


def test_each_ticket_of_an_order_admits_one(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    codes = tickets(tx, class_, 3)
    assert [check_in(tx, code).result for code in codes] == ["admitted"] * 3
    assert [check_in(tx, code).result for code in codes] == ["already_used"] * 3
    # how many of a party have come; a second scan brings nobody
    assert participant(tx, class_) == ("Asha Rao", True, 3, 3)


def test_the_application_sees_that_a_participant_came(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    (code,) = tickets(tx, class_)
    assert participant(tx, class_) == ("Asha Rao", False, 0, 1)
    check_in(tx, code)
    assert participant(tx, class_) == ("Asha Rao", True, 1, 1)


def test_the_door_is_told_the_name_of_each_participant(tx: psycopg.Connection) -> None:
    codes = tickets(tx, schedule(tx), 2, participants='[{"name": "Ravi"}, {"name": "Mina"}]')
    assert {check_in(tx, code).name for code in codes} == {"Ravi", "Mina"}


def test_a_ticket_of_a_booking_admits_without_a_participant(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, user_id=user(tx), attendees=1, status="paid")
    code = value(
        tx,
        """
        select t.ticket_code from public.event_tickets as t
        join public.ticket_reservations as r on r.id = t.reservation_id where r.booking_id = %s
        """,
        booking,
    )
    admitted = check_in(tx, code)
    assert (admitted.result, admitted.name, admitted.scan_count) == ("admitted", None, 1)


# -- not admitted


def test_a_cancelled_ticket_is_void(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    held = reserve(tx, class_, 2).reservation_id
    fresh, used = pay(tx, held).ticket_codes
    admitted = check_in(tx, used)
    call(tx, "cancel_reservation", held)
    assert check_in(tx, fresh)[:1] + check_in(tx, fresh)[3:] == ("void", 1, 0, None)
    # it was used before it became void
    assert check_in(tx, used) == admitted._replace(result="void")
    assert [scan.result for scan in scans(tx, fresh)] == ["void", "void"]
    assert participant(tx, class_).scan_count == 1


def test_a_ticket_for_another_occurrence_is_not_used_up(tx: psycopg.Connection) -> None:
    event = define(tx)
    mine, other = (schedule(tx, event, start_time=start, end_time="10:00") for start in ("07:00", "08:00"))
    (code,) = tickets(tx, mine)
    wrong = check_in(tx, code, schedule_id=other, gate="north")
    assert (wrong.result, wrong.scan_count, wrong.first_scanned_at) == ("wrong_schedule", 0, None)
    assert participant(tx, mine)[1:3] == (False, 0)
    assert check_in(tx, code, schedule_id=mine).result == "admitted"
    assert check_in(tx, code, schedule_id=other).result == "wrong_schedule"
    assert [scan.result for scan in scans(tx, code)] == ["wrong_schedule", "admitted", "wrong_schedule"]


def test_without_an_occurrence_every_ticket_is_for_this_door(tx: psycopg.Connection) -> None:
    for class_ in (schedule(tx), schedule(tx)):
        (code,) = tickets(tx, class_)
        assert check_in(tx, code).result == "admitted"


def test_an_unknown_code_is_told_and_not_an_error(tx: psycopg.Connection) -> None:
    before = value(tx, "select count(*) from public.ticket_check_ins")
    told = check_in(tx, uuid4(), schedule_id=schedule(tx), gate="north", scan_id=uuid4())
    assert told == ("unknown", None, None, None, None, None)
    assert value(tx, "select count(*) from public.ticket_check_ins") == before


def test_no_code_is_an_error(tx: psycopg.Connection) -> None:
    with expect_error(tx, "PT400", "invalid_argument"):
        check_in(tx, None)


# -- one scan, sent again


def test_the_same_scan_is_answered_like_the_first_time(tx: psycopg.Connection) -> None:
    (code,) = tickets(tx, class_ := schedule(tx))
    scan = uuid4()
    first = check_in(tx, code, scan_id=scan, gate="north")
    assert first.result == "admitted"
    assert check_in(tx, code, scan_id=scan, gate="north") == first
    assert check_in(tx, code, scan_id=scan, gate="north", scanned_at=datetime.now(UTC)) == first
    assert ticket(tx, code).scan_count == participant(tx, class_).scan_count == len(scans(tx, code)) == 1


def test_the_same_scan_is_answered_alike_whatever_happened_since(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    held = reserve(tx, class_).reservation_id
    (code,) = pay(tx, held).ticket_codes
    wrong, right, late = uuid4(), uuid4(), uuid4()
    told = {
        wrong: check_in(tx, code, scan_id=wrong, schedule_id=schedule(tx)).result,
        right: check_in(tx, code, scan_id=right).result,
        late: check_in(tx, code, scan_id=late).result,
    }
    assert list(told.values()) == ["wrong_schedule", "admitted", "already_used"]
    call(tx, "cancel_reservation", held)
    assert {scan: check_in(tx, code, scan_id=scan).result for scan in told} == told
    assert check_in(tx, code, scan_id=uuid4()).result == "void"


def test_a_scan_of_another_ticket_is_refused(tx: psycopg.Connection) -> None:
    one, other = tickets(tx, schedule(tx), 2)
    scan = uuid4()
    check_in(tx, one, scan_id=scan)
    with expect_error(tx, "PT409", "idempotency_key_reused", scan_id=str(scan)):
        check_in(tx, other, scan_id=scan)
    assert (ticket(tx, other).scan_count, scans(tx, other)) == (0, [])
    assert check_in(tx, other, scan_id=uuid4()).result == "admitted"


# -- the application's own table


@pytest.mark.parametrize(
    "fails",
    [
        "create function public.never() returns trigger language plpgsql as "
        "$$ begin raise exception 'no changes on Sundays'; end $$;"
        "create trigger never before update on public.program_participants "
        "for each row execute function public.never()",
        "alter table public.program_participants add constraint nobody_came check (is_verified is not true)",
        "alter table public.program_participants drop column scan_count cascade",
    ],
    ids=["trigger", "constraint", "column"],
)
def test_what_fails_in_the_application_keeps_nobody_out(tx: psycopg.Connection, fails: str) -> None:
    tx.execute(fails)
    (code,) = tickets(tx, schedule(tx))
    assert check_in(tx, code).result == "admitted"
    assert check_in(tx, code).result == "already_used"
    assert ticket(tx, code).scan_count == 2


def test_a_participant_without_a_count_gets_one(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    (code,) = tickets(tx, class_)
    person = value(tx, "select id from public.program_participants where event_schedule_id = %s", class_)
    change(tx, "program_participants", person, scan_count=None, is_verified=None)
    check_in(tx, code)
    assert participant(tx, class_)[1:3] == (True, 1)


def test_a_participant_that_the_application_deleted_is_still_let_in(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    (code,) = tickets(tx, class_)
    tx.execute("delete from public.program_participants where event_schedule_id = %s", (class_,))
    admitted = check_in(tx, code)
    assert (admitted.result, admitted.name) == ("admitted", None)


def test_the_wrapper_sends_everything_and_tells_everything(tx: psycopg.Connection) -> None:
    (code,) = tickets(tx, class_ := schedule(tx))
    scan, moment = uuid4(), datetime.now(UTC) - timedelta(minutes=1)
    told = TicketDB(tx).check_in(code, class_, "north", scan, moment)
    assert (told.result, told.name, told.scan_count) == ("admitted", "Asha Rao", 1)
    assert told.first_scanned_at == moment
    assert scans(tx, code) == [("admitted", "north", moment, scan)]
