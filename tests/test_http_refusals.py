"""Each refusal over HTTP: its status, its reason and its hint, as the clients that people use get them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import psycopg
import pytest
from factories import define, insert, lapse, pay, reserve, schedule, sell, ticket_type, user, value
from house import House
from http_clients import Ask, Lines, patch, post, rpc
from pass_helpers import buy, visits_type
from postgrest import Api
from shops import UNKNOWN

TOMORROW = datetime.now(UTC) + timedelta(days=1)


class Refused(NamedTuple):
    """Who asked for what."""

    api: Api
    lines: Lines


def reserving(house: House, schedule_id: int, **arguments: Any) -> Refused:
    named = {f"p_{name}": one for name, one in arguments.items()}
    return Refused(house.payment_server(), rpc("reserve_tickets", {"p_schedule_id": schedule_id, **named}))


def settling(house: House, function: str, reservation_id: int, **arguments: Any) -> Refused:
    named = {f"p_{name}": one for name, one in arguments.items()}
    return Refused(house.payment_server(), rpc(function, {"p_reservation_id": reservation_id, **named}))


def held(house: House) -> int:
    reservation: int = reserve(house.shop, schedule(house.shop)).reservation_id
    return reservation


def generating(house: House, event_definition_id: int) -> Refused:
    period = {"p_start_date": "2031-03-01", "p_end_date": "2031-03-03"}
    named = {"p_event_definition_id": event_definition_id, **period}
    return Refused(house.admin(), rpc("generate_recurring_schedules", named))


def with_a_used_key(house: House) -> Refused:
    key = f"order {held(house)}"
    show = schedule(house.shop)
    reserve(house.shop, show, idempotency_key=key)
    return reserving(house, show, quantity=2, idempotency_key=key)


def with_a_used_reference(house: House) -> Refused:
    reference = f"payment of {held(house)}"
    pay(house.shop, held(house), reference)
    return settling(house, "confirm_reservation", held(house), payment_reference=reference)


def with_no_ticket_type_left(house: House) -> Refused:
    show = schedule(house.shop)
    return reserving(house, show, quantity=2, ticket_type_id=ticket_type(house.shop, show, max_quantity=1))


def with_too_many_for_one_user(house: House) -> Refused:
    show = schedule(house.shop, define(house.shop, limit_per_user=1))
    return reserving(house, show, quantity=2, user_id=user(house.shop))


def at_a_time_that_is_taken(house: House) -> Refused:
    studio = insert(house.shop, "spaces", name="Studio")
    yoga = schedule(house.shop, define(house.shop, space_id=studio))
    taken = value(house.shop, "select schedule_date::text from public.event_schedules where id = %s", yoga)
    other = {
        "event_definition_id": define(house.shop, space_id=studio),
        "schedule_date": taken,
        "max_tickets": 5,
    }
    return Refused(
        house.admin(), post("event_schedules", {**other, "start_time": "07:30", "end_time": "08:30"})
    )


def when_it_was_given_up(house: House) -> Refused:
    reservation = held(house)
    value(house.shop, "select status from public.release_reservation(%s)", reservation)
    return settling(house, "cancel_reservation", reservation)


def when_it_was_cancelled(house: House) -> Refused:
    reservation = sell(house.shop, schedule(house.shop))
    value(house.shop, "select status from public.cancel_reservation(%s)", reservation)
    return settling(house, "release_reservation", reservation)


def when_it_has_lapsed(house: House) -> Refused:
    reservation = held(house)
    lapse(house.shop, reservation)
    return settling(house, "release_reservation", reservation)


def with_less_room_than_was_sold(house: House) -> Refused:
    show = schedule(house.shop)
    sell(house.shop, show, 3)
    return Refused(house.admin(), patch("event_schedules", show, {"max_tickets": 2}))


def with_a_bad_recurrence(house: House) -> Refused:
    event = {
        "event_code": f"bad-{user(house.shop)}",
        "title": "Yoga",
        "event_category": "wellness",
        "event_type": "yoga",
        "recurrence_type": "weekly",
        "recurrence_days": "1,8",
    }
    return Refused(house.admin(), post("event_definitions", event))


def with_an_unpaid_pass(house: House) -> Refused:
    type_id = visits_type(house.shop)
    arguments = {"p_pass_id": buy(house.shop, type_id).pass_id, "p_schedule_id": schedule(house.shop)}
    return Refused(house.payment_server(), rpc("redeem_pass", arguments))


REFUSALS: dict[str, Callable[[House], Refused]] = {
    "invalid_quantity": lambda house: reserving(house, schedule(house.shop), quantity=0),
    "invalid_argument": lambda house: reserving(house, schedule(house.shop), hold_for="-1 hour"),
    "invalid_recurrence": with_a_bad_recurrence,
    "not_recurring": lambda house: generating(house, define(house.shop, recurrence_type="none")),
    "amount_mismatch": lambda house: settling(
        house, "confirm_reservation", held(house), payment_reference="pay 1", amount=1
    ),
    "not_allowed": lambda house: Refused(house.buyer(), generating(house, define(house.shop)).lines),
    "schedule_not_found": lambda house: reserving(house, UNKNOWN),
    "definition_not_found": lambda house: generating(house, UNKNOWN),
    "ticket_type_not_found": lambda house: reserving(house, schedule(house.shop), ticket_type_id=UNKNOWN),
    "space_not_found": lambda house: Refused(
        house.visitor(), rpc("get_available_time_slots", {"p_space_id": UNKNOWN, "p_date": "2031-03-01"})
    ),
    "reservation_not_found": lambda house: settling(house, "release_reservation", UNKNOWN),
    "pass_not_found": lambda house: Refused(
        house.payment_server(), rpc("buy_pass", {"p_pass_type_id": UNKNOWN})
    ),
    "pass_not_valid": with_an_unpaid_pass,
    "sold_out": lambda house: reserving(house, schedule(house.shop, max_tickets=1), quantity=2),
    "ticket_type_sold_out": with_no_ticket_type_left,
    "not_on_sale": lambda house: reserving(house, schedule(house.shop, sales_open_at=TOMORROW)),
    "schedule_cancelled": lambda house: reserving(house, schedule(house.shop, status="cancelled")),
    "schedule_completed": lambda house: reserving(house, schedule(house.shop, schedule_date="2020-01-01")),
    "schedule_blocked": lambda house: reserving(house, schedule(house.shop, is_blocked=True)),
    "limit_per_user": with_too_many_for_one_user,
    "slot_conflict": at_a_time_that_is_taken,
    "idempotency_key_reused": with_a_used_key,
    "payment_reference_reused": with_a_used_reference,
    "already_confirmed": lambda house: settling(
        house, "release_reservation", sell(house.shop, schedule(house.shop))
    ),
    "tickets_sold_is_derived": lambda house: Refused(
        house.admin(), patch("event_schedules", schedule(house.shop), {"tickets_sold": 1})
    ),
    "capacity_below_sold": with_less_room_than_was_sold,
    "reservation_expired": when_it_has_lapsed,
    "reservation_released": when_it_was_given_up,
    "reservation_cancelled": when_it_was_cancelled,
}


def reasons(shop: psycopg.Connection) -> dict[str, str]:
    """The SQLSTATE of each reason that the database knows."""
    source = value(shop, "select prosrc from pg_proc where oid = 'ticketdb.raise_error'::regproc")
    families = re.findall(r"when p_reason (?:in \(|= )(.*?)\)? then '(PT\d+)'", source, re.DOTALL)
    return {reason: state for names, state in families for reason in re.findall(r"'(\w+)'", names)}


@pytest.mark.parametrize("reason", REFUSALS)
def test_refusal_has_its_status_its_reason_and_a_hint(shared_house: House, ask: Ask, reason: str) -> None:
    status, _, _, error = ask(*REFUSALS[reason](shared_house))
    assert error is not None
    sqlstate = reasons(shared_house.shop)[reason]
    assert error["code"] == sqlstate, error
    assert status in (None, int(sqlstate.removeprefix("PT")))
    assert json.loads(error["details"])["reason"] == reason
    assert error["hint"]
    assert error["message"]


def test_every_reason_is_provoked(shared_house: House) -> None:
    assert REFUSALS.keys() == reasons(shared_house.shop).keys()
