"""Joining and leaving a waiting list: who may, for how many, at which position."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from factories import (
    NEXT_WEEK,
    call,
    change,
    counters,
    define,
    expect_constraint,
    expect_error,
    insert,
    lapse,
    pay,
    reserve,
    schedule,
    sell,
    status,
    user,
    value,
)
from waitlists import end_transaction, free, join, place, sold_out, statuses, told

from ticketdb import TicketDB

pytestmark = pytest.mark.usefixtures("sound")


def test_who_joins_a_sold_out_schedule_waits_in_order_of_arrival(tx: psycopg.Connection) -> None:
    show, _ = sold_out(tx)
    first, second = join(tx, show), join(tx, show, 2)
    assert (first.status, first.position, first.reservation_id) == ("waiting", 1, None)
    assert (second.status, second.position, second.quantity) == ("waiting", 2, 2)
    assert counters(tx, show) == (0, 0, 5)


def test_positions_are_counted_on_each_schedule(tx: psycopg.Connection) -> None:
    (one, _), (other, _) = sold_out(tx, 1), sold_out(tx, 1)
    assert [join(tx, one).position, join(tx, other).position, join(tx, one).position] == [1, 1, 2]


def test_where_there_is_room_joining_is_answered_with_an_offer_as_long_as_any_hold(
    tx: psycopg.Connection,
) -> None:
    show = schedule(tx)
    entry = join(tx, show, 2)
    assert (entry.status, entry.position) == ("offered", None)
    assert entry.expires_at - datetime.now(UTC) < timedelta(minutes=16)
    assert counters(tx, show) == (3, 2, 0)
    assert told(tx) == [entry.reservation_id]
    assert pay(tx, entry.reservation_id).status == "confirmed"
    assert statuses(tx, entry) == ["taken"]


def test_who_leaves_makes_the_others_move_up(tx: psycopg.Connection) -> None:
    show, _ = sold_out(tx)
    first, second = join(tx, show), join(tx, show)
    left = call(tx, "leave_waitlist", first.entry_id)
    assert (left.status, left.position) == ("left", None)
    assert place(tx, second.entry_id).position == 1
    assert call(tx, "leave_waitlist", first.entry_id) == left


def test_who_leaves_with_an_offer_passes_it_on(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx)
    first, second = join(tx, show), join(tx, show)
    free(tx, sales[0])
    assert statuses(tx, first, second) == ["offered", "waiting"]
    assert call(tx, "leave_waitlist", first.entry_id).status == "left"
    end_transaction(tx)
    assert statuses(tx, first, second) == ["left", "offered"]


def test_a_paid_offer_is_not_left_but_cancelled(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    entry = join(tx, show)
    pay(tx, entry.reservation_id)
    with expect_error(tx, "PT409", "already_confirmed"):
        call(tx, "leave_waitlist", entry.entry_id)
    free(tx, entry.reservation_id)
    assert statuses(tx, entry) == ["taken"]
    with expect_error(tx, "PT410", "reservation_cancelled"):
        call(tx, "leave_waitlist", entry.entry_id)


def test_a_lapsed_offer_is_left_without_a_word(tx: psycopg.Connection) -> None:
    entry = join(tx, schedule(tx))
    lapse(tx, entry.reservation_id)
    assert call(tx, "leave_waitlist", entry.entry_id).status == "lapsed"


def test_a_user_has_one_place(tx: psycopg.Connection) -> None:
    show, _ = sold_out(tx)
    asha = user(tx)
    entry = join(tx, show, 2, user_id=asha)
    assert join(tx, show, 2, user_id=asha) == entry
    with expect_constraint(tx, "one_waitlist_entry_of_user"):
        insert(tx, "event_waitlist", schedule_id=show, user_id=asha, quantity=1)


def test_joining_again_for_fewer_keeps_the_position(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx)
    asha = user(tx)
    entry, other = join(tx, show, 2, user_id=asha), join(tx, show)
    assert join(tx, show, 1, user_id=asha)[:5] == (entry.entry_id, show, 1, "waiting", 1)
    free(tx, sales[0])
    assert statuses(tx, entry, other) == ["offered", "waiting"]


def test_joining_again_for_fewer_takes_what_was_too_little_before(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    sell(tx, show, 4)
    asha = user(tx)
    assert join(tx, show, 2, user_id=asha).status == "waiting"
    assert join(tx, show, 1, user_id=asha).status == "offered"


def test_joining_again_for_more_starts_at_the_end(tx: psycopg.Connection) -> None:
    show, _ = sold_out(tx)
    asha = user(tx)
    entry, other = join(tx, show, user_id=asha), join(tx, show)
    again = join(tx, show, 2, user_id=asha)
    assert (again.position, again.quantity) == (2, 2)
    assert statuses(tx, entry) == ["left"]
    assert place(tx, other.entry_id).position == 1


def test_joining_with_an_offer_in_hand_is_answered_with_the_offer(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx)
    asha = user(tx)
    entry = join(tx, show, user_id=asha)
    free(tx, sales[0])
    again = join(tx, show, 3, user_id=asha)
    assert (again.entry_id, again.status, again.quantity) == (entry.entry_id, "offered", 1)


def test_who_let_an_offer_lapse_may_join_again_at_the_end(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx)
    asha = user(tx)
    entry, other = join(tx, show, user_id=asha), join(tx, show)
    free(tx, sales[0])
    lapse(tx, place(tx, entry.entry_id).reservation_id)
    again = join(tx, show, user_id=asha)
    end_transaction(tx)
    assert statuses(tx, entry, other, again) == ["lapsed", "offered", "waiting"]


def test_a_guest_is_known_by_his_contact_and_has_as_many_places_as_he_asks_for(
    tx: psycopg.Connection,
) -> None:
    show, sales = sold_out(tx)
    contact = psycopg.types.json.Jsonb({"name": "Asha Rao", "mobile": "9845000000"})
    first, second = join(tx, show, contact=contact), join(tx, show, contact=contact)
    assert [first.position, second.position] == [1, 2]
    free(tx, sales[0])
    held = value(
        tx,
        "select contact ->> 'name' from public.ticket_reservations where id = %s",
        place(tx, first.entry_id).reservation_id,
    )
    assert held == "Asha Rao"
    with expect_error(tx, "PT400", "invalid_argument"):
        join(tx, show, user_id=None)


def test_what_cannot_be_bought_cannot_be_waited_for(tx: psycopg.Connection) -> None:
    asha = user(tx)
    over = schedule(tx, schedule_date=NEXT_WEEK - timedelta(days=20))
    closed = schedule(tx, sales_close_at=datetime.now(UTC) - timedelta(hours=1))
    small = schedule(tx, define(tx, max_per_order=2), max_tickets=3)
    refused = [
        (99_999_999, 1, "PT404", "schedule_not_found"),
        (schedule(tx, status="cancelled"), 1, "PT409", "schedule_cancelled"),
        (schedule(tx, is_blocked=True), 1, "PT409", "schedule_blocked"),
        (over, 1, "PT409", "schedule_completed"),
        (closed, 1, "PT409", "not_on_sale"),
        (small, 3, "PT400", "invalid_quantity"),
        (schedule(tx), 6, "PT400", "invalid_quantity"),
        (schedule(tx), 0, "PT400", "invalid_quantity"),
        (None, 1, "PT400", "invalid_argument"),
    ]
    for show, quantity, sqlstate, reason in refused:
        with expect_error(tx, sqlstate, reason):
            join(tx, show, quantity, user_id=asha)
    with expect_error(tx, "PT400", "invalid_argument"):
        join(tx, schedule(tx), user_id=99_999_999)
    assert value(tx, "select count(*) from public.event_waitlist") == 0


def test_what_one_waits_for_counts_towards_the_limit_per_user(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx, event_definition_id=define(tx, limit_per_user=3))
    asha = user(tx)
    with expect_error(tx, "PT409", "limit_per_user"):
        join(tx, show, 4, user_id=asha)
    entry = join(tx, show, 2, user_id=asha)
    change(tx, "event_schedules", show, max_tickets=6)
    reserve(tx, show, 1, user_id=asha)
    # a bigger party would give up its old place first
    with expect_error(tx, "PT409", "limit_per_user", has=1):
        join(tx, show, 3, user_id=asha)
    change(tx, "event_schedules", show, max_tickets=7)
    with expect_error(tx, "PT409", "limit_per_user", has=3):
        reserve(tx, show, 1, user_id=asha)
    free(tx, sales[0])
    assert statuses(tx, entry) == ["offered"]
    change(tx, "event_schedules", show, max_tickets=8)
    with expect_error(tx, "PT409", "limit_per_user", has=3):
        reserve(tx, show, 1, user_id=asha)


def test_no_such_place(tx: psycopg.Connection) -> None:
    with expect_error(tx, "PT404", "reservation_not_found"):
        call(tx, "leave_waitlist", 99_999_999)
    with expect_error(tx, "PT400", "invalid_argument"):
        call(tx, "leave_waitlist", None)


def test_a_user_who_is_deleted_waits_no_more(tx: psycopg.Connection) -> None:
    show, sales = sold_out(tx)
    asha = user(tx)
    join(tx, show, user_id=asha)
    other = join(tx, show)
    tx.execute("delete from public.users where id = %s", (asha,))
    free(tx, sales[0])
    assert statuses(tx, other) == ["offered"]


def test_the_client_joins_lists_and_leaves(tx: psycopg.Connection) -> None:
    show, _ = sold_out(tx)
    db = TicketDB(tx)
    entry = db.join_waitlist(show, 2, contact={"name": "Asha Rao"})
    assert (entry.status, entry.position) == ("waiting", 1)
    (waiting,) = db.waitlist(show)
    assert (waiting.entry_id, waiting.quantity, waiting.contact) == (entry.entry_id, 2, {"name": "Asha Rao"})
    assert db.leave_waitlist(entry.entry_id).status == "left"
    assert status(tx, db.join_waitlist(schedule(tx), user_id=user(tx)).reservation_id) == "held"
