"""Orders that make no sense are refused with a reason and a hint, and leave nothing behind.

Wrong amounts and reused references are in test_payments, lists of participants in test_participants,
capacities below what is sold in test_counters, bookings of the application's in test_bookings_trigger.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from factories import (
    call,
    change,
    define,
    pay,
    reserve,
    schedule,
    ticket_type,
    user,
)
from shops import UNKNOWN, Shop


@pytest.fixture
def shop(tx: psycopg.Connection) -> Shop:
    event = define(tx)
    return Shop(tx, event, schedule(tx, event))


@pytest.mark.parametrize("unknown", [UNKNOWN, 0, -1])
def test_an_unknown_schedule_is_not_found(shop: Shop, unknown: int) -> None:
    with shop.refuses("PT404", "schedule_not_found", schedule_id=unknown):
        reserve(shop.tx, unknown)


@pytest.mark.parametrize("unknown", [UNKNOWN, 0, -1])
def test_an_unknown_ticket_type_is_not_found(shop: Shop, unknown: int) -> None:
    with shop.refuses("PT404", "ticket_type_not_found", ticket_type_id=unknown):
        reserve(shop.tx, shop.class_, ticket_type_id=unknown)


def test_a_ticket_type_of_another_event_is_not_found(shop: Shop) -> None:
    foreign = ticket_type(shop.tx, schedule(shop.tx))
    with shop.refuses("PT404", "ticket_type_not_found", ticket_type_id=foreign):
        reserve(shop.tx, shop.class_, ticket_type_id=foreign)


def test_an_inactive_ticket_type_is_not_on_sale(shop: Shop) -> None:
    withdrawn = ticket_type(shop.tx, shop.class_, is_active=False)
    with shop.refuses("PT409", "not_on_sale", ticket_type_id=withdrawn):
        reserve(shop.tx, shop.class_, ticket_type_id=withdrawn)


def test_an_unknown_user_cannot_reserve(shop: Shop) -> None:
    with shop.refuses("PT400", "invalid_argument", user_id=UNKNOWN):
        reserve(shop.tx, shop.class_, user_id=UNKNOWN)


@pytest.mark.parametrize("unknown", [UNKNOWN, 0, -1, 2**62])
@pytest.mark.parametrize(
    "act",
    [
        lambda tx, unknown: pay(tx, unknown),
        lambda tx, unknown: call(tx, "release_reservation", unknown),
        lambda tx, unknown: call(tx, "cancel_reservation", unknown),
    ],
    ids=["confirm", "release", "cancel"],
)
def test_an_unknown_reservation_is_not_found(
    shop: Shop, act: Callable[[psycopg.Connection, int], Any], unknown: int
) -> None:
    with shop.refuses("PT404", "reservation_not_found", reservation_id=unknown):
        act(shop.tx, unknown)


@pytest.mark.parametrize("function", ["reserve_tickets", "check_ticket_availability"])
@pytest.mark.parametrize("quantity", [0, -1, None, 10_001, 2**31 - 1, -(2**31)])
def test_a_quantity_that_means_nothing_is_refused(shop: Shop, function: str, quantity: int | None) -> None:
    with shop.refuses("PT400", "invalid_quantity", requested=quantity):
        call(shop.tx, function, shop.class_, quantity)


def test_the_greatest_quantity_is_only_more_than_there_is(shop: Shop) -> None:
    with shop.refuses("PT409", "sold_out", available=5, requested=10_000):
        reserve(shop.tx, shop.class_, 10_000)


@pytest.mark.parametrize(
    ("change_to", "reason"),
    [
        ({"schedule_date": "2020-01-01"}, "schedule_completed"),
        ({"status": "completed"}, "schedule_completed"),
        ({"status": "cancelled"}, "schedule_cancelled"),
        ({"status": "cancelled", "is_blocked": True}, "schedule_cancelled"),
        ({"is_blocked": True}, "schedule_blocked"),
    ],
)
def test_a_closed_occurrence_sells_nothing(shop: Shop, change_to: dict, reason: str) -> None:
    change(shop.tx, "event_schedules", shop.class_, **change_to)
    with shop.refuses("PT409", reason, schedule_id=shop.class_):
        reserve(shop.tx, shop.class_)


def test_an_inactive_definition_sells_nothing(shop: Shop) -> None:
    change(shop.tx, "event_definitions", shop.event, is_active=False)
    with shop.refuses("PT409", "not_on_sale", schedule_id=shop.class_):
        reserve(shop.tx, shop.class_)


@pytest.mark.parametrize("function", ["reserve_tickets", "check_ticket_availability"])
def test_a_schedule_has_to_be_named(shop: Shop, function: str) -> None:
    with shop.refuses("PT400", "invalid_argument"):
        call(shop.tx, function, None)


@pytest.mark.parametrize("function", ["release_reservation", "cancel_reservation"])
def test_a_reservation_has_to_be_named(shop: Shop, function: str) -> None:
    with shop.refuses("PT400", "invalid_argument"):
        call(shop.tx, function, None)
    with shop.refuses("PT400", "invalid_argument"):
        call(shop.tx, "confirm_reservation", None, "upi-1")


@pytest.mark.parametrize("hold_for", ["0", "-1 minute", "31 days", "30 days 1 second", "1000 years"])
def test_tickets_are_held_for_some_time_and_not_for_ever(shop: Shop, hold_for: str) -> None:
    with shop.refuses("PT400", "invalid_argument"):
        reserve(shop.tx, shop.class_, hold_for=hold_for)


@pytest.mark.parametrize("contact", ["[]", '"Asha"', "3", "true", "null", '[{"name": "Asha"}]'])
def test_a_contact_is_an_object(shop: Shop, contact: str) -> None:
    with shop.refuses("PT400", "invalid_argument"):
        reserve(shop.tx, shop.class_, contact=contact)


def test_an_empty_idempotency_key_is_refused(shop: Shop) -> None:
    with shop.refuses("PT400", "invalid_argument"):
        reserve(shop.tx, shop.class_, idempotency_key="")


def test_an_idempotency_key_that_is_too_long_is_refused(shop: Shop) -> None:
    with shop.refuses("PT400", "invalid_argument"):
        reserve(shop.tx, shop.class_, idempotency_key=secrets.token_hex(5000))


@pytest.mark.parametrize("other", ["schedule", "quantity", "type", "user", "hold", "contact"])
def test_a_key_is_not_used_for_another_order(shop: Shop, other: str) -> None:
    tx = shop.tx
    first = {
        "schedule_id": shop.class_,
        "quantity": 1,
        "ticket_type_id": None,
        "user_id": user(tx),
        "hold_for": timedelta(minutes=5),
        "contact": json.dumps({"name": "Asha"}),
    }
    changes = {
        "schedule": {"schedule_id": schedule(tx)},
        "quantity": {"quantity": 2},
        "type": {"ticket_type_id": ticket_type(tx, shop.class_)},
        "user": {"user_id": user(tx)},
        "hold": {"hold_for": None},
        "contact": {"contact": json.dumps({"name": "Dev"})},
    }
    call(tx, "reserve_tickets", **first, idempotency_key="order 1")
    with shop.refuses("PT409", "idempotency_key_reused", idempotency_key="order 1"):
        call(tx, "reserve_tickets", **{**first, **changes[other]}, idempotency_key="order 1")


@pytest.mark.parametrize("reference", ["", None])
def test_a_payment_has_a_reference(shop: Shop, reference: str | None) -> None:
    held = reserve(shop.tx, shop.class_).reservation_id
    with shop.refuses("PT400", "invalid_argument"):
        call(shop.tx, "confirm_reservation", held, reference)


def test_a_payment_reference_that_is_too_long_is_refused(shop: Shop) -> None:
    held = reserve(shop.tx, shop.class_).reservation_id
    with shop.refuses("PT400", "invalid_argument"):
        pay(shop.tx, held, secrets.token_hex(5000))
