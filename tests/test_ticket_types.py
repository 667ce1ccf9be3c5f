"""Ticket types: their prices, and limits of their own within an occurrence."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from factories import (
    NEXT_WEEK,
    call,
    define,
    expect_error,
    lapsed_hold,
    pool,
    reserve,
    schedule,
    sell,
    ticket_type,
)

pytestmark = pytest.mark.usefixtures("sound")


def test_a_ticket_type_sells_out_while_the_occurrence_has_seats(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    vip = ticket_type(tx, class_, max_quantity=2)
    reserve(tx, class_, 1, ticket_type_id=vip)
    sell(tx, class_, 1, ticket_type_id=vip)
    assert (pool(tx, class_), pool(tx, class_, vip)) == ((1, 1), (1, 1))
    with expect_error(tx, "PT409", "ticket_type_sold_out", available=0, requested=1):
        reserve(tx, class_, 1, ticket_type_id=vip)
    assert reserve(tx, class_, 3).status == "held"


def test_the_occurrence_sells_out_while_a_ticket_type_has_some(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    vip = ticket_type(tx, class_, max_quantity=4)
    reserve(tx, class_, 3)
    with expect_error(tx, "PT409", "sold_out", available=2, requested=3):
        reserve(tx, class_, 3, ticket_type_id=vip)
    assert reserve(tx, class_, 2, ticket_type_id=vip).status == "held"


def test_a_ticket_type_without_a_limit_has_that_of_the_occurrence(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    standard = ticket_type(tx, class_)
    assert call(tx, "check_ticket_availability", class_, 1, standard).tickets_available == 5
    reserve(tx, class_, 5, ticket_type_id=standard)
    with expect_error(tx, "PT409", "sold_out", available=0, requested=1):
        reserve(tx, class_, 1, ticket_type_id=standard)


def test_the_limit_of_a_ticket_type_is_one_of_each_occurrence(tx: psycopg.Connection) -> None:
    event = define(tx)
    monday, tuesday = schedule(tx, event), schedule(tx, event, schedule_date=NEXT_WEEK + timedelta(days=1))
    vip = ticket_type(tx, monday, max_quantity=2)
    reserve(tx, monday, 2, ticket_type_id=vip)
    assert reserve(tx, tuesday, 2, ticket_type_id=vip).status == "held"


def test_lapsed_holds_of_a_ticket_type_come_back_to_it(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    vip = ticket_type(tx, class_, max_quantity=2)
    lapsed_hold(tx, class_, 1, ticket_type_id=vip)
    lapsed_hold(tx, class_, 1, ticket_type_id=vip)
    lapsed_hold(tx, class_, 2)
    assert call(tx, "check_ticket_availability", class_, 2, vip) == (True, "Tickets available", 2)
    reserve(tx, class_, 2, ticket_type_id=vip)
    assert pool(tx, class_, vip) == (2, 0)


def test_giving_back_tickets_of_a_type_gives_both_counters_back(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    vip = ticket_type(tx, class_, max_quantity=2)
    sold = sell(tx, class_, 2, ticket_type_id=vip)
    call(tx, "cancel_reservation", sold)
    assert (pool(tx, class_), pool(tx, class_, vip)) == ((0, 0), (0, 0))
