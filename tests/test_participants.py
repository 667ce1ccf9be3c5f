"""Who comes: the participants that a payment writes, and the tickets in their names."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from factories import (
    book,
    call,
    change,
    define,
    expect_error,
    insert,
    lapsed_hold,
    pay,
    pool,
    reserve,
    row,
    rows,
    schedule,
    sell,
    status,
    user,
    value,
)

pytestmark = pytest.mark.usefixtures("sound")


def come(tx: psycopg.Connection, schedule_id: int) -> list[tuple[Any, ...]]:
    """Name, mobile, tickets and amount of those who come, with the number of tickets in their names."""
    query = """
        select pp.name, pp.mobile, pp.ticket_quantity, pp.amount_paid, (
            select count(*)::int from public.event_tickets as t where t.participant_id = pp.id
        )
        from public.program_participants as pp where pp.event_schedule_id = %s order by pp.id
    """
    return rows(tx, query, schedule_id)


def test_everybody_named_gets_a_row_and_tickets(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    held = reserve(tx, class_, 3).reservation_id
    people = [{"name": "Asha", "mobile": "98450"}, {"name": "Dev", "quantity": 2}]
    pay(tx, held, participants=json.dumps(people))
    assert come(tx, class_) == [("Asha", "98450", 1, 100, 1), ("Dev", None, 2, 200, 2)]


def test_the_buyer_comes_with_the_tickets_without_a_name(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    contact = json.dumps({"name": "Isha", "mobile": "90000"})
    held = reserve(tx, class_, 4, contact=contact).reservation_id
    pay(tx, held, participants=json.dumps([{"name": "Asha"}]))
    assert come(tx, class_) == [("Asha", "90000", 1, 100, 1), ("Isha", "90000", 3, 300, 3)]


@pytest.mark.parametrize("nobody", [None, "null", "[]"])
def test_the_buyer_comes_with_all_tickets_where_nobody_is_named(
    tx: psycopg.Connection, nobody: str | None
) -> None:
    event = define(tx, event_type="zumba")
    class_ = schedule(tx, event)
    buyer = user(tx, first_name="Asha", last_name="Rao")
    pay(tx, reserve(tx, class_, 2, user_id=buyer).reservation_id, participants=nobody)
    assert come(tx, class_) == [("Asha Rao", None, 2, 200, 2)]
    written = row(tx, "select * from public.program_participants")
    assert (written.user_id, written.program_type, written.subscription_type) == (buyer, "zumba", "daily")
    assert (written.event_definition_id, written.booking_id, written.is_active) == (event, None, True)
    assert str(written.start_date)[-8:] == "07:00:00"


def test_a_guest_without_a_name_comes_too(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, define(tx, event_category="live-show", recurrence_type="none"))
    sell(tx, class_, 2)
    assert come(tx, class_) == [(None, None, 2, 200, 2)]
    written = row(tx, "select program_type, subscription_type from public.program_participants")
    assert written == ("live", None)


def test_amounts_of_participants_add_up_to_what_was_paid(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    reservation = reserve(tx, class_, 3).reservation_id
    change(tx, "ticket_reservations", reservation, total_amount=250)
    pay(tx, reservation, participants=json.dumps([{"name": "Asha"}, {"name": "Dev", "quantity": 2}]))
    amounts = [found[3] for found in come(tx, class_)]
    assert sum(amounts) == 250
    assert min(amounts) >= 0


def test_no_participant_paid_less_than_nothing(tx: psycopg.Connection) -> None:
    """What is due may be less than the tickets cost."""
    class_ = schedule(tx)
    reservation = reserve(tx, class_, 2).reservation_id
    change(tx, "ticket_reservations", reservation, total_amount=0)
    pay(tx, reservation, participants=json.dumps([{"name": "Asha"}, {"name": "Dev"}]))
    assert [found[3] for found in come(tx, class_)] == [Decimal(0), Decimal(0)]


@pytest.mark.parametrize(
    "people",
    [
        '{"name": "Asha"}',
        '"Asha"',
        "3",
        '["Asha"]',
        "[null]",
        "[[]]",
        '[{"name": "Asha", "quantity": 0}]',
        '[{"name": "Asha", "quantity": -1}]',
        '[{"name": "Asha", "quantity": 1.5}]',
        '[{"name": "Asha", "quantity": "many"}]',
        '[{"name": "Asha", "quantity": 3}]',
        '[{"name": "Asha"}, {"name": "Dev"}, {"name": "Om"}]',
        '[{"name": "Asha", "quantity": 99999999999999999999}]',
    ],
)
def test_a_list_that_does_not_fit_is_refused_before_anything_is_recorded(
    tx: psycopg.Connection, people: str
) -> None:
    class_ = schedule(tx)
    held = reserve(tx, class_, 2).reservation_id
    with expect_error(tx, "PT400", "invalid_argument"):
        pay(tx, held, "upi-1", participants=people)
    assert (status(tx, held), rows(tx, "select * from public.ticket_payments")) == ("held", [])
    assert pay(tx, held, "upi-1").status == "confirmed"


def fail_participants(tx: psycopg.Connection, events: str) -> None:
    """The application's own trigger refuses its table."""
    tx.execute(
        f"""
        create function pg_temp.refuse() returns trigger language plpgsql as $$
        begin raise exception 'no more people' using errcode = 'XX123'; end $$;
        create trigger refuse before {events} on public.program_participants
        for each row execute function pg_temp.refuse();
        """
    )


def test_a_failing_trigger_of_the_application_loses_neither_payment_nor_seats(
    tx: psycopg.Connection,
) -> None:
    class_ = schedule(tx)
    fail_participants(tx, "insert")
    held = reserve(tx, class_, 2).reservation_id
    sold = pay(tx, held, "upi-1")
    assert (sold.status, len(sold.ticket_codes)) == ("confirmed", 2)
    assert (pool(tx, class_), come(tx, class_)) == ((0, 2), [])
    assert row(tx, "select amount, refund_due from public.ticket_payments") == (200, 0)
    problem = value(tx, "select participants_problem from public.ticket_reservations where id = %s", held)
    assert problem.startswith("XX123")
    assert call(tx, "cancel_reservation", held).status == "cancelled"


def test_a_failing_trigger_of_the_application_does_not_keep_seats_from_going_back(
    tx: psycopg.Connection,
) -> None:
    class_ = schedule(tx)
    sale = sell(tx, class_, 2)
    fail_participants(tx, "update")
    assert call(tx, "cancel_reservation", sale).status == "cancelled"
    assert pool(tx, class_) == (0, 0)


def test_a_name_that_is_too_long_for_the_application_is_cut(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    held = reserve(tx, class_).reservation_id
    pay(tx, held, participants=json.dumps([{"name": "A" * 300, "mobile": "9" * 30}]))
    assert [found[:2] for found in come(tx, class_)] == [("A" * 255, "9" * 20)]
    assert problem(tx, held) is None


def problem(tx: psycopg.Connection, reservation_id: int) -> str | None:
    return value(
        tx, "select participants_problem from public.ticket_reservations where id = %s", reservation_id
    )


def test_a_person_whom_the_application_refuses_does_not_keep_out_the_others(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    tx.execute("alter table public.program_participants add constraint no_dev check (name <> 'Dev')")
    held = reserve(tx, class_, 2).reservation_id
    pay(tx, held, participants=json.dumps([{"name": "Dev"}, {"name": "Asha"}]))
    assert [found[0] for found in come(tx, class_)] == ["Asha"]
    assert (problem(tx, held) or "").startswith("23514")


def test_triggers_of_the_application_find_their_own_tables(tx: psycopg.Connection) -> None:
    """They name no schema: that is how most are written."""
    tx.execute(
        """
        create table public.people_log (operation text);
        create function public.log_people() returns trigger language plpgsql as $$
        begin insert into people_log values (tg_op); return null; end $$;
        create trigger log_people after insert or update on public.program_participants
        for each row execute function public.log_people();
        """
    )
    sale = sell(tx, schedule(tx))
    assert problem(tx, sale) is None
    call(tx, "cancel_reservation", sale)
    booking = book(tx, schedule(tx), status="paid")
    insert(tx, "program_participants", program_type="yoga", booking_id=booking)
    change(tx, "bookings", booking, event_schedule_id=schedule(tx))
    logged = rows(tx, "select operation from public.people_log")
    assert logged == [("INSERT",), ("UPDATE",), ("INSERT",), ("UPDATE",)]


def test_without_a_problem_none_is_noted(tx: psycopg.Connection) -> None:
    sale = sell(tx, schedule(tx))
    noted = "select participants_problem from public.ticket_reservations where id = %s"
    assert value(tx, noted, sale) is None


def test_after_a_cancellation_its_participants_are_inactive(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sale = sell(tx, class_, 2)
    other = sell(tx, class_)
    call(tx, "cancel_reservation", sale)
    query = """
        select distinct t.reservation_id, pp.is_active
        from public.event_tickets as t join public.program_participants as pp on pp.id = t.participant_id
        order by 1
    """
    assert rows(tx, query) == [(sale, False), (other, True)]


def test_a_payment_without_seats_writes_no_participants(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    late = lapsed_hold(tx, class_, 2)
    reserve(tx, class_, 5)
    assert pay(tx, late, participants='[{"name": "Asha"}]').status == "refund_due"
    assert come(tx, class_) == []


def test_a_participant_deleted_by_the_application_leaves_the_ticket_valid(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sell(tx, class_)
    tx.execute("delete from public.program_participants")
    assert row(tx, "select participant_id, status from public.event_tickets") == (None, "valid")


def test_a_participant_of_the_application_s_own_keeps_what_it_says(tx: psycopg.Connection) -> None:
    """Participants without a booking are the application's business."""
    class_ = schedule(tx)
    sell(tx, class_)
    tx.execute("insert into public.program_participants (name, program_type) values ('Own', 'yoga')")
    change_me = value(tx, "select id from public.program_participants where name = 'Own'")
    change(tx, "program_participants", change_me, event_schedule_id=class_)
    linked = "select event_schedule_id, event_definition_id from public.program_participants where id = %s"
    event = value(tx, "select event_definition_id from public.event_schedules where id = %s", class_)
    assert row(tx, linked, change_me) == (class_, event)
