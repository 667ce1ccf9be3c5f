"""Changing what occurrences have: this one, this and following, all future; what is sold or its own stays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg
import pytest
from factories import (
    NEXT_WEEK,
    call,
    change,
    define,
    expect_error,
    insert,
    lapsed_hold,
    reserve,
    row,
    rows,
    schedule,
    sell,
    user,
    value,
)
from house import House
from roles import acting
from shops import UNKNOWN

from ticketdb import ScheduleChange, TicketDB

pytestmark = pytest.mark.usefixtures("sound")
DAYS = 5


@pytest.fixture
def event(tx: psycopg.Connection) -> int:
    """A class on five days of next week."""
    event = define(tx)
    assert generate(tx, event) == DAYS
    return event


def generate(tx: psycopg.Connection, event: int) -> int:
    """Generate the five days."""
    return value(
        tx,
        "select public.generate_recurring_schedules(%s, %s, %s::date + 4)",
        event,
        NEXT_WEEK,
        NEXT_WEEK,
    )


def days(tx: psycopg.Connection, event: int) -> list[int]:
    return [
        one.id
        for one in rows(
            tx,
            "select id from public.event_schedules where event_definition_id = %s order by starts_at",
            event,
        )
    ]


def edit(tx: psycopg.Connection, event: int, changes: str, **named: Any) -> dict[int, Any]:
    """The answer, by schedule; a dry run before it says the same, and changes nothing."""
    state = "select jsonb_agg(to_jsonb(t)) from (select * from {} order by id) as t"
    tables = ["public.event_schedules", "public.event_definitions", "public.ticket_notifications"]
    names = ["event_definition_id", "changes", *named, "dry_run"]
    query = f"select * from public.change_schedules({', '.join(f'p_{n} => %s' for n in names)})"
    before = [value(tx, state.format(table)) for table in tables]
    planned = rows(tx, query, event, changes, *named.values(), True)
    assert [value(tx, state.format(table)) for table in tables] == before
    done = rows(tx, query, event, changes, *named.values(), False)
    assert done == planned
    return {one.schedule_id: one for one in done}


def told(tx: psycopg.Connection, reservation: int) -> list[str]:
    return [
        one.kind
        for one in rows(
            tx,
            "select kind from public.ticket_notifications where reservation_id = %s order by id",
            reservation,
        )
    ]


def reasons(answer: dict[int, Any]) -> list[str | None]:
    return [one.reason for one in answer.values()]


def test_all_future_changes_occurrences_and_the_event(tx: psycopg.Connection, event: int) -> None:
    past = schedule(tx, event, schedule_date="2020-01-01")
    hall = insert(tx, "spaces", name="Hall")
    answer = edit(
        tx,
        event,
        f'{{"start_time": "08:00", "ticket_price": 150, "max_tickets": 9, "space_id": {hall}}}',
    )
    assert list(answer) == days(tx, event)[1:]
    assert {one.action for one in answer.values()} == {"change"}
    first = answer[days(tx, event)[1]]
    assert first.before == {
        "start_time": "07:00:00", "end_time": "08:00:00",
        "ticket_price": 100, "max_tickets": 5, "space_id": None,
    }  # fmt: skip
    assert first.after == {
        "start_time": "08:00:00", "end_time": "09:00:00",
        "ticket_price": 150, "max_tickets": 9, "space_id": hall,
    }  # fmt: skip
    kept = row(
        tx, "select start_time::text, max_tickets, space_id from public.event_schedules where id = %s", past
    )
    assert kept == ("07:00:00", 5, None)
    assert row(
        tx,
        """
        select default_start_time::text, default_end_time::text, default_ticket_price, max_tickets, space_id
        from public.event_definitions where id = %s
        """,
        event,
    ) == ("08:00:00", "09:00:00", 150, 9, hall)
    assert generate(tx, event) == 0


def test_sold_held_and_individually_changed_ones_stay(tx: psycopg.Connection, event: int) -> None:
    sold, held, lapsed, own, _ = days(tx, event)
    sell(tx, sold)
    reserve(tx, held)
    lapsed_hold(tx, lapsed)
    change(tx, "event_schedules", own, max_tickets=7)
    answer = edit(tx, event, '{"start_time": "09:30"}')
    assert reasons(answer) == ["sold", "held", None, "changed_individually", None]
    assert all(answer[one].before == answer[one].after for one in (sold, held, own))
    # those that stay stand for their dates, though the event begins at another time now
    assert generate(tx, event) == 0
    assert reasons(edit(tx, event, '{"start_time": "10:00"}'))[-1] is None
    assert generate(tx, event) == 0


@pytest.mark.parametrize(
    "own",
    [
        {"start_time": "06:30", "end_time": "07:30"},
        {"end_time": "09:00"},
        {"max_tickets": 6},
        {"ticket_price": 99},
        {"schedule_date": "2040-01-01"},
    ],
)
def test_whatever_was_changed_by_itself_keeps_an_occurrence(
    tx: psycopg.Connection, event: int, own: dict[str, Any]
) -> None:
    first = days(tx, event)[0]
    change(tx, "event_schedules", first, **own)
    assert edit(tx, event, '{"ticket_price": 120}')[first].reason == "changed_individually"
    assert edit(tx, event, '{"ticket_price": 130}', include_changed=True)[first].action == "change"


def test_sold_ones_are_changed_where_the_caller_says_so_and_their_holders_told(
    tx: psycopg.Connection, event: int
) -> None:
    first, second, *_ = days(tx, event)
    sale, hold = sell(tx, first), reserve(tx, second).reservation_id
    answer = edit(tx, event, '{"start_time": "08:00"}', include_sold=True)
    assert reasons(answer) == [None] * DAYS
    assert (told(tx, sale), told(tx, hold)) == (["ticket_confirmation", "schedule_moved"], ["schedule_moved"])
    message = "select details from public.ticket_notifications where reservation_id = %s and kind = %s"
    details = value(tx, message, sale, "schedule_moved")
    assert (details["old"]["start"], details["new"]["start"]) == (
        f"{NEXT_WEEK}T07:00:00",
        f"{NEXT_WEEK}T08:00:00",
    )


def test_new_price_tells_nobody_and_leaves_what_was_paid(tx: psycopg.Connection, event: int) -> None:
    first = days(tx, event)[0]
    sale = sell(tx, first)
    assert edit(tx, event, '{"ticket_price": "120.50"}', include_sold=True)[first].after == {
        "ticket_price": 120.5
    }
    assert told(tx, sale) == ["ticket_confirmation"]
    assert value(tx, "select unit_price from public.ticket_reservations where id = %s", sale) == 100
    assert reserve(tx, first).unit_price == Decimal("120.50")


def test_this_changes_one_occurrence_alone(tx: psycopg.Connection, event: int) -> None:
    first, second, *others = days(tx, event)
    answer = edit(tx, event, '{"ticket_price": 80}', scope="this", schedule_id=second)
    assert list(answer) == [second]
    # it has a value of its own now, and whoever names it again has seen that
    assert (
        edit(tx, event, '{"ticket_price": 70}', scope="this", schedule_id=second)[second].action == "change"
    )
    prices = [reserve(tx, one).unit_price for one in (first, second, others[0])]
    assert prices == [100, 70, 100]
    assert reserve(tx, schedule(tx, event, schedule_date="2041-01-01")).unit_price == 100
    sell(tx, second)
    assert edit(tx, event, '{"ticket_price": 60}', scope="this", schedule_id=second)[second].reason == "sold"


def test_this_and_following_leaves_the_earlier_ones_as_they_are(tx: psycopg.Connection, event: int) -> None:
    tx.execute(
        "update public.event_schedules set ticket_price = null where event_definition_id = %s", (event,)
    )
    ids = days(tx, event)
    studio, hall = (insert(tx, "spaces", name=name) for name in ("Studio", "Hall"))
    change(tx, "event_definitions", event, space_id=studio)
    answer = edit(
        tx, event, f'{{"ticket_price": 200, "start_time": "06:00", "space_id": {hall}}}',
        scope="this_and_following", schedule_id=ids[2],
    )  # fmt: skip
    assert list(answer) == ids[2:]
    seen = rows(
        tx,
        """
        select v.effective_price, v.start_time::text, v.space_id
        from public.v_event_availability as v where v.event_definition_id = %s order by v.starts_at
        """,
        event,
    )
    assert seen == [(100, "07:00:00", studio)] * 2 + [(200, "06:00:00", hall)] * 3
    # later ones are generated with the new values, the dates that stand are not doubled
    later = value(
        tx,
        "select public.generate_recurring_schedules(%s, %s, %s::date + 5)",
        event,
        NEXT_WEEK,
        NEXT_WEEK,
    )
    assert later == 1


def test_capacity_below_what_is_sold_keeps_that_occurrence(tx: psycopg.Connection, event: int) -> None:
    first, second, *_ = days(tx, event)
    sell(tx, first, 3)
    reserve(tx, second, 2)
    answer = edit(tx, event, '{"max_tickets": 2}', include_sold=True)
    assert reasons(answer) == ["capacity_below_sold", None, None, None, None]


def test_what_is_not_to_be_changed_says_why(tx: psycopg.Connection, event: int) -> None:
    off, taken, *_ = days(tx, event)
    call(tx, "cancel_schedule", off)
    day = value(tx, "select schedule_date from public.event_schedules where id = %s", taken)
    schedule(tx, event, schedule_date=day,
             start_time="08:00", end_time="09:00", max_tickets=9)  # fmt: skip
    answer = edit(tx, event, '{"start_time": "08:00"}')
    assert answer[off].reason == "cancelled"
    assert answer[taken].reason == "slot_conflict"
    assert set(reasons(edit(tx, event, '{"start_time": "08:00"}'))) == {
        "cancelled", "changed_individually", "as_wanted",
    }  # fmt: skip
    over = schedule(tx, event, schedule_date="2020-01-01")
    assert edit(tx, event, '{"start_time": "09:00"}', scope="this", schedule_id=over)[over].reason == "past"


def test_start_left_out_goes_with_the_new_time(tx: psycopg.Connection) -> None:
    event = define(tx)
    insert(tx, "schedule_exceptions", event_definition_id=event, exception_date=NEXT_WEEK, start_time="07:00")
    edit(tx, event, '{"start_time": "08:00"}')
    assert generate(tx, event) == DAYS - 1


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ('{"title": "Yin"}', "title"),
        ('{"start_time": "25:00"}', "start_time"),
        ('{"end_time": null}', "end_time"),
        ('{"ticket_price": -1}', "ticket_price"),
        ('{"ticket_price": "NaN"}', "ticket_price"),
        ('{"ticket_price": 1e10}', "ticket_price"),
        ('{"max_tickets": 1.5}', "max_tickets"),
        ('{"max_tickets": -1}', "max_tickets"),
        ('{"space_id": "hall"}', "space_id"),
        ("{}", None),
        ("[]", None),
        (None, None),
    ],
)
def test_change_that_cannot_be_read_is_refused(
    tx: psycopg.Connection, event: int, changes: str | None, key: str | None
) -> None:
    with expect_error(tx, "PT400", "invalid_argument", **({"key": key} if key else {})):
        call(tx, "change_schedules", event, changes)


def test_bad_scope_and_unknown_ids_are_refused(tx: psycopg.Connection, event: int) -> None:
    other = schedule(tx)
    for named in (
        {"scope": "some"},
        {"scope": None},
        {"scope": "this"},
        {"scope": "all_future", "schedule_id": other},
        {"dry_run": None},
    ):
        with expect_error(tx, "PT400", "invalid_argument"):
            call(tx, "change_schedules", event, '{"max_tickets": 1}', **named)
    with expect_error(tx, "PT404", "schedule_not_found", schedule_id=other):
        call(tx, "change_schedules", event, '{"max_tickets": 1}', scope="this", schedule_id=other)
    with expect_error(tx, "PT404", "definition_not_found"):
        call(tx, "change_schedules", UNKNOWN, '{"max_tickets": 1}')
    with expect_error(tx, "PT404", "space_not_found"):
        call(tx, "change_schedules", event, f'{{"space_id": {UNKNOWN}}}')


def test_admin_changes_and_a_buyer_does_not(tx: psycopg.Connection, event: int) -> None:
    tx.execute("select ticketdb.create_roles()")
    tx.execute("select ticketdb.grant_roles()")
    with acting(tx, "authenticated", app_metadata={"role": "admin"}):
        assert len(edit(tx, event, '{"max_tickets": 8}')) == DAYS
    with acting(tx, "authenticated", user_id=user(tx)):
        for statement in (
            "select * from public.change_schedules(%s, '{\"max_tickets\": 1}')",
            "select * from ticketdb.edit_schedules_as_admin(%s, '{}', 'this', 1, true, true, true)",
        ):
            with expect_error(tx, "PT403", "not_allowed"):
                tx.execute(statement, (event,))


def test_clients_change_over_http_and_in_python(house: House, db: str) -> None:
    event = define(house.shop)
    first = schedule(house.shop, event)
    named = {"p_event_definition_id": event, "p_changes": {"ticket_price": 90}, "p_dry_run": True}
    (answer,) = house.admin().post("/rpc/change_schedules", named).body
    assert (answer["schedule_id"], answer["action"], answer["after"]) == (
        first,
        "change",
        {"ticket_price": 90},
    )
    assert house.buyer().post("/rpc/change_schedules", named).status == 403
    with TicketDB(db) as client:
        (done,) = client.change_schedules(event, {"ticket_price": 90})
        assert isinstance(done, ScheduleChange)
        assert (done.action, done.before, done.after) == (
            "change",
            {"ticket_price": 100},
            {"ticket_price": 90},
        )
