"""A signed-in buyer buys and uses his own passes; those of others do not exist for him."""

from __future__ import annotations

import psycopg
import pytest
from factories import call, define, expect_error, rows, schedule, sell, user, value
from pass_helpers import START, buy, occurrence, pass_type, pay_pass, sell_pass, visits_type
from psycopg.errors import InsufficientPrivilege
from roles import acting

ADMIN = {"app_metadata": {"role": "admin"}}


@pytest.fixture
def tx(tx: psycopg.Connection) -> psycopg.Connection:
    """The transaction, with the roles in it; they go with it."""
    value(tx, "select ticketdb.create_roles()")
    assert value(tx, "select ticketdb.grant_roles()") == []
    return tx


@pytest.fixture
def asha(tx: psycopg.Connection) -> int:
    return user(tx, username="asha@example.org")


def test_buyer_buys_uses_and_gives_back_his_own(tx: psycopg.Connection, asha: int) -> None:
    type_id = visits_type(tx)
    day = occurrence(tx, type_id, START)
    with acting(tx, "authenticated", user_id=asha):
        held = buy(tx, type_id, idempotency_key="mine")
        assert buy(tx, type_id, idempotency_key="mine", user_id=asha) == held
        assert call(tx, "set_pass_renewal", held.pass_id, True).renews
    with acting(tx, "service_role"):
        pay_pass(tx, held.pass_id)
    with acting(tx, "authenticated", user_id=asha):
        visit = call(tx, "redeem_pass", held.pass_id, day)
        assert rows(tx, "select visits_left, state from public.v_event_passes") == [(2, "active")]
        assert rows(tx, "select amount from public.ticket_payments") == [(300,)]
        assert call(tx, "return_visit", visit.reservation_id).visits_left == 3
        with expect_error(tx, "PT403", "not_allowed"):
            call(tx, "cancel_pass", held.pass_id)
    assert value(tx, "select user_id from public.event_passes") == asha


def test_buyer_gives_up_what_he_has_not_paid(tx: psycopg.Connection, asha: int) -> None:
    type_id = pass_type(tx)
    with acting(tx, "authenticated", user_id=asha):
        held = buy(tx, type_id)
        assert call(tx, "cancel_pass", held.pass_id).status == "released"
        assert call(tx, "cancel_pass", held.pass_id).status == "released"


def test_passes_of_others_do_not_exist_for_a_buyer(tx: psycopg.Connection, asha: int) -> None:
    type_id = visits_type(tx)
    day = occurrence(tx, type_id, START)
    paid = sell_pass(tx, type_id, user_id=asha)
    visit = call(tx, "redeem_pass", paid.pass_id, day)
    other = user(tx)
    with acting(tx, "authenticated", user_id=other):
        for pass_id in (paid.pass_id, 2_000_000_000, None):
            for function, arguments in (
                ("redeem_pass", (day,)),
                ("cancel_pass", ()),
                ("set_pass_renewal", (True,)),
            ):
                with expect_error(tx, "PT404", "pass_not_found", pass_id=pass_id):
                    call(tx, function, pass_id, *arguments)
        for reservation in (visit.reservation_id, 2_000_000_000):
            with expect_error(tx, "PT404", "reservation_not_found"):
                call(tx, "return_visit", reservation)
        for relation in ("event_passes", "v_event_passes", "pass_pauses", "ticket_payments"):
            assert rows(tx, f"select * from public.{relation}") == []


def test_buyer_buys_for_nobody_else_and_nothing_that_is_not_public(tx: psycopg.Connection, asha: int) -> None:
    draft, retired = visits_type(tx, define(tx, is_active=False)), visits_type(tx, is_active=False)
    public = visits_type(tx)
    with acting(tx, "authenticated", user_id=asha):
        with expect_error(tx, "PT403", "not_allowed"):
            buy(tx, public, user_id=asha + 1)
        for type_id in (draft, retired, 2_000_000_000):
            with expect_error(tx, "PT404", "pass_not_found", pass_type_id=type_id):
                buy(tx, type_id)
        assert rows(tx, "select id from public.pass_types") == [(public,)]
    with acting(tx, "authenticated"), expect_error(tx, "PT403", "not_allowed"):
        buy(tx, public)
    with acting(tx, "anon"):
        assert rows(tx, "select id from public.pass_types") == [(public,)]


def test_occurrence_that_is_not_public_does_not_exist_for_a_buyer(tx: psycopg.Connection, asha: int) -> None:
    paid = sell_pass(tx, visits_type(tx), user_id=asha)
    draft = schedule(tx, define(tx, is_active=False))
    with acting(tx, "authenticated", user_id=asha):
        for unknown in (draft, 2_000_000_000):
            with expect_error(tx, "PT404", "schedule_not_found", schedule_id=unknown):
                call(tx, "redeem_pass", paid.pass_id, unknown)


@pytest.mark.parametrize(
    "statement",
    [
        "select public.confirm_pass(1, 'pay')",
        "select public.pause_pass(1, current_date, current_date)",
        "select public.extend_pass(1, current_date)",
        "select ticketdb.close_pass(1, null)",
        "select ticketdb.hold_pass(1, null, null, false, null, null)",
        "select ticketdb.take_visit(1, 1)",
        "insert into public.event_passes (kind) values ('visits')",
        "update public.event_passes set status = 'active'",
    ],
)
def test_buyer_reaches_nothing_else(tx: psycopg.Connection, asha: int, statement: str) -> None:
    for role in ("anon", "authenticated"):
        with (
            acting(tx, role, user_id=asha, **ADMIN),
            pytest.raises(InsufficientPrivilege),
            tx.transaction(),
        ):
            tx.execute(statement)


def test_admin_sets_prices_and_sees_every_pass(tx: psycopg.Connection, asha: int) -> None:
    definition = define(tx)
    sell_pass(tx, visits_type(tx, definition), user_id=asha)
    with acting(tx, "authenticated", user_id=asha + 1, **ADMIN):
        visits_type(tx, definition)
        assert len(rows(tx, "select * from public.v_event_passes")) == 1
    with acting(tx, "authenticated", user_id=asha), pytest.raises(InsufficientPrivilege), tx.transaction():
        visits_type(tx, definition)


def test_place_of_a_pass_that_is_bought_singly_is_his_too(tx: psycopg.Connection, asha: int) -> None:
    type_id = visits_type(tx)
    single = sell(tx, occurrence(tx, type_id, START), user_id=asha)
    with acting(tx, "authenticated", user_id=asha), expect_error(tx, "PT404", "reservation_not_found"):
        call(tx, "return_visit", single)
