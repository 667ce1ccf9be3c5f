"""A pass that renews gets its next period in the daily round: once, held until it begins, to be paid."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import psycopg
import pytest
from factories import call, change, define, expect_error, insert, reserve, rows, sweep, user, value
from pass_helpers import (
    DAY,
    START,
    TODAY,
    ZONE,
    buy,
    days,
    lapse_pass,
    occurrence,
    pass_row,
    pass_type,
    pay_pass,
    places,
    sell_pass,
    visits_type,
)

pytestmark = pytest.mark.usefixtures("sound")


def renewing(tx: psycopg.Connection, type_id: int, ends_in: int = 3, **named: Any) -> int:
    """A paid pass without places that renews and ends in so many days."""
    definition = value(tx, "select event_definition_id from public.pass_types where id = %s", type_id)
    kind = value(tx, "select kind from public.pass_types where id = %s", type_id)
    return insert(
        tx,
        "event_passes",
        **{
            "event_definition_id": definition,
            "pass_type_id": type_id,
            "kind": kind,
            "starts_on": TODAY - 20 * DAY,
            "ends_on": TODAY + ends_in * DAY,
            "visits": 3,
            "price": 10,
            "status": "active",
            "expires_at": datetime.now(ZONE),
            "renews": True,
            **named,
        },
    )


def maintain(tx: psycopg.Connection) -> int:
    return call(tx, "run_maintenance", 0).run_maintenance["passes_renewed"]


def next_of(tx: psycopg.Connection, pass_id: int) -> Any:
    (only,) = rows(tx, "select * from public.event_passes where renewed_from = %s", pass_id)
    return only


def test_next_period_is_made_once_and_held_until_it_begins(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx, price=1200)
    asha = user(tx)
    old = renewing(tx, type_id, user_id=asha, contact='{"name": "Asha"}')
    assert [maintain(tx), maintain(tx)] == [1, 0]
    new = next_of(tx, old)
    first = TODAY + 4 * DAY
    assert (new.status, new.starts_on, new.ends_on, new.price) == ("held", first, first + 9 * DAY, 1200)
    assert (new.origin, new.user_id, new.contact, new.renews) == ("renewal", asha, {"name": "Asha"}, True)
    assert new.expires_at == datetime.combine(first, time(), ZONE)
    assert places(tx, new.id, "held") == days(first, 10)
    assert pay_pass(tx, new.id).status == "active"
    assert places(tx, new.id, "confirmed") == days(first, 10)


def test_holds_of_a_next_period_last_as_long_as_it_does(tx: psycopg.Connection) -> None:
    old = renewing(tx, pass_type(tx))
    maintain(tx)
    new = next_of(tx, old)
    expiries = rows(
        tx, "select distinct expires_at from public.ticket_reservations where pass_id = %s", new.id
    )
    assert expiries == [(new.expires_at,)]


def test_visits_pass_renews_with_all_its_visits(tx: psycopg.Connection) -> None:
    old = renewing(tx, visits_type(tx, visits=5))
    assert maintain(tx) == 1
    assert (next_of(tx, old).visits, next_of(tx, old).visits_used) == (5, 0)


@pytest.mark.parametrize(
    "columns",
    [{"renews": False}, {"status": "held"}, {"status": "cancelled"}],
    ids=["not asked for", "never paid", "cancelled"],
)
def test_other_passes_do_not_renew(tx: psycopg.Connection, columns: dict[str, Any]) -> None:
    renewing(tx, visits_type(tx), **columns)
    assert maintain(tx) == 0


@pytest.mark.parametrize(("ends_in", "renewed"), [(8, 0), (7, 1), (-7, 1), (-8, 0)])
def test_time_to_renew_is_the_week_before_the_end_and_the_week_after(
    tx: psycopg.Connection, ends_in: int, renewed: int
) -> None:
    old = renewing(tx, visits_type(tx), ends_in)
    assert maintain(tx) == renewed
    if ends_in < 0 and renewed:
        new = next_of(tx, old)
        assert new.starts_on >= TODAY
        assert new.expires_at > datetime.now(ZONE) + timedelta(hours=23)


def test_period_that_cannot_be_had_is_told_and_not_tried_again(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    old = renewing(tx, type_id)
    reserve(tx, occurrence(tx, type_id, TODAY + 6 * DAY), 5)
    assert maintain(tx) == 0
    told = pass_row(tx, old)
    assert (told.renews, told.state) == (False, "active")
    assert "schedule" in told.renewal_problem
    assert rows(tx, "select from public.event_passes where renewed_from is not null") == []
    again = call(tx, "set_pass_renewal", old, True)
    assert (again.renews, pass_row(tx, old).renewal_problem) == (True, None)


def test_type_that_is_sold_no_more_is_not_renewed(tx: psycopg.Connection) -> None:
    old = renewing(tx, visits_type(tx, is_active=False))
    assert maintain(tx) == 0
    assert pass_row(tx, old).renewal_problem


def test_one_round_renews_others_beside_one_that_fails(tx: psycopg.Connection) -> None:
    full, free = pass_type(tx), pass_type(tx)
    reserve(tx, occurrence(tx, full, TODAY + 6 * DAY), 5)
    bad, good = renewing(tx, full), renewing(tx, free)
    assert maintain(tx) == 1
    assert next_of(tx, good).kind == "monthly"
    assert not pass_row(tx, bad).renews


def test_renewal_that_nobody_pays_lapses(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    maintain_of = renewing(tx, type_id)
    maintain(tx)
    new = next_of(tx, maintain_of)
    lapse_pass(tx, new.id)
    sweep(tx, occurrence(tx, type_id, TODAY + 5 * DAY))
    assert maintain(tx) == 0
    assert pass_row(tx, new.id).state == "lapsed"


def test_renewed_pass_is_neither_paused_nor_extended(tx: psycopg.Connection) -> None:
    old = renewing(tx, visits_type(tx))
    maintain(tx)
    for function, arguments in (
        ("extend_pass", (TODAY + 9 * DAY,)),
        ("pause_pass", (TODAY + 2 * DAY, TODAY + 2 * DAY)),
    ):
        with expect_error(tx, "PT409", "pass_not_valid", problem="renewed"):
            call(tx, function, old, *arguments)
    call(tx, "cancel_pass", next_of(tx, old).id)
    assert call(tx, "extend_pass", old, TODAY + 9 * DAY).ends_on == TODAY + 9 * DAY


def test_renewal_is_switched_on_and_off(tx: psycopg.Connection) -> None:
    paid = sell_pass(tx, visits_type(tx), renews=True)
    assert paid.renews
    assert not call(tx, "set_pass_renewal", paid.pass_id, False).renews
    with expect_error(tx, "PT400", "invalid_argument"):
        call(tx, "set_pass_renewal", paid.pass_id, None)
    call(tx, "cancel_pass", paid.pass_id)
    with expect_error(tx, "PT409", "pass_not_valid", problem="cancelled"):
        call(tx, "set_pass_renewal", paid.pass_id, True)
    with expect_error(tx, "PT404", "pass_not_found"):
        call(tx, "set_pass_renewal", -1, True)


def test_imported_pass_has_no_type_to_renew_as(tx: psycopg.Connection) -> None:
    held = buy(tx, visits_type(tx, define(tx)), starts_on=START)
    change(tx, "event_passes", held.pass_id, pass_type_id=None)
    with expect_error(tx, "PT400", "invalid_argument"):
        call(tx, "set_pass_renewal", held.pass_id, True)
