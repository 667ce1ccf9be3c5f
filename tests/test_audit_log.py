"""The audit log: who changed what, once each, for good; and a sale that pays nothing for it."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from factories import (
    NEXT_WEEK,
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
    sell,
    ticket_type,
    user,
    value,
)
from house import House
from psycopg.errors import InsufficientPrivilege
from roles import acting

ADMIN = {"app_metadata": {"role": "admin"}}
UPSERT = """
insert into public.ticket_audit_log overriding system value
select * from public.ticket_audit_log
on conflict (id) do update set role_name = 'nobody'
"""


def logged(tx: psycopg.Connection, after: int = 0) -> list[Any]:
    """What was logged after an id: table, operation, before and after."""
    return [
        tuple(entry)
        for entry in rows(
            tx,
            """
            select l.table_name, l.operation, l.before, l.after
            from public.ticket_audit_log as l where l.id > %s order by l.id
            """,
            after,
        )
    ]


def newest(tx: psycopg.Connection) -> int:
    return value(tx, "select coalesce(max(id), 0) from public.ticket_audit_log")


def test_a_sale_and_a_lapsed_hold_write_nothing(tx: psycopg.Connection) -> None:
    places = [schedule(tx) for _ in range(2)]
    before = newest(tx)
    sell(tx, places[0], 2)
    call(tx, "release_reservation", reserve(tx, places[0]).reservation_id)
    book(tx, places[1], status="paid")
    assert logged(tx, before) == []


def test_without_the_triggers_condition_a_sale_would_be_logged(tx: psycopg.Connection) -> None:
    tx.execute(
        """
        create or replace trigger log_change after update on public.event_schedules
        for each row execute function ticketdb.log_change()
        """
    )
    place = schedule(tx)
    before = newest(tx)
    sell(tx, place)
    assert [entry[0] for entry in logged(tx, before)] == ["event_schedules"]


def test_an_event_is_logged_from_its_beginning_to_its_end(tx: psycopg.Connection) -> None:
    definition = define(tx, title="Yoga", default_ticket_price="100.50")
    change(tx, "event_definitions", definition, title="Yoga", default_ticket_price="120.00")
    change(tx, "event_definitions", definition, title="Yoga")
    tx.execute("delete from public.event_definitions where id = %s", (definition,))
    made, changed, gone = logged(tx)
    assert made[:3] == ("event_definitions", "insert", None)
    assert changed == (
        "event_definitions",
        "update",
        {"default_ticket_price": 100.50},
        {"default_ticket_price": 120.00},
    )
    assert (gone[1], gone[2]["id"], gone[3]) == ("delete", definition, None)


def test_each_row_of_a_bulk_update_and_of_a_cascade_is_logged(tx: psycopg.Connection) -> None:
    definition = define(tx)
    made = {
        schedule(tx, definition, start_time=f"{hour}:00", end_time=f"{hour}:30") for hour in range(10, 20)
    }
    ticket_type(tx, min(made))
    before = newest(tx)
    tx.execute("update public.event_schedules set ticket_price = 99.99")
    changed = rows(tx, "select * from public.ticket_audit_log where id > %s", before)
    assert {int(entry.row_key) for entry in changed} == made
    assert {entry.after["ticket_price"] for entry in changed} == {99.99}
    before = newest(tx)
    tx.execute("delete from public.event_definitions where id = %s", (definition,))
    gone = sorted(entry[:2] for entry in logged(tx, before))
    assert gone == sorted(
        [("event_definitions", "delete"), ("ticket_types", "delete"), *[("event_schedules", "delete")] * 10]
    )


def test_generated_occurrences_tell_by_themselves(tx: psycopg.Connection) -> None:
    definition = define(tx)
    before = newest(tx)
    assert call(tx, "generate_recurring_schedules", definition, NEXT_WEEK, NEXT_WEEK)[0] == 1
    assert logged(tx, before) == []


def test_a_cancelled_sale_and_its_refund_are_logged_without_contact_data(tx: psycopg.Connection) -> None:
    sold = sell(tx, schedule(tx), contact='{"name": "Asha Rao", "mobile": "+91 99"}')
    before = newest(tx)
    call(tx, "cancel_reservation", sold, "ill")
    change(tx, "ticket_reservations", sold, contact='{"name": "Ravi"}')
    reservation, payment = logged(tx, before)
    assert reservation[0] == "ticket_reservations"
    assert (reservation[2]["status"], reservation[3]["status"]) == ("confirmed", "cancelled")
    assert reservation[3]["close_reason"] == "ill"
    assert payment[0::2] == ("ticket_payments", {"refund_due": 0})
    assert payment[3] == {"refund_due": 100}
    everything = value(tx, "select string_agg(l::text, ' ') from public.ticket_audit_log as l")
    assert "Asha" not in everything
    assert "Ravi" not in everything


def test_a_direct_connection_is_logged_by_its_role(tx: psycopg.Connection) -> None:
    define(tx)
    entry = row(tx, "select role_name, user_id, claims from public.ticket_audit_log")
    assert entry == (value(tx, "select session_user"), None, None)


@pytest.mark.parametrize(
    "statement",
    [
        "update public.ticket_audit_log set role_name = 'nobody'",
        "update public.ticket_audit_log set role_name = 'nobody' where false",
        "delete from public.ticket_audit_log",
        "truncate public.ticket_audit_log",
        UPSERT,
    ],
)
def test_nobody_rewrites_it(tx: psycopg.Connection, statement: str) -> None:
    value(tx, "select ticketdb.create_roles()")
    value(tx, "select ticketdb.grant_roles()")
    define(tx)
    found = logged(tx)
    for role, claims in (("anon", {}), ("authenticated", ADMIN), ("service_role", {})):
        with acting(tx, role, **claims), pytest.raises(InsufficientPrivilege), tx.transaction():
            tx.execute(statement.encode())
    with expect_error(tx, "PT403", "not_allowed", table="ticket_audit_log"):
        tx.execute(statement.encode())
    assert logged(tx) == found


def test_the_owner_can_drop_what_is_too_old(tx: psycopg.Connection) -> None:
    define(tx)
    tx.execute("alter table public.ticket_audit_log disable trigger refuse_rewrite")
    tx.execute("delete from public.ticket_audit_log where logged_at < now() + interval '1 hour'")
    tx.execute("alter table public.ticket_audit_log enable trigger refuse_rewrite")
    assert logged(tx) == []


def test_staff_read_it_and_others_nothing(tx: psycopg.Connection) -> None:
    value(tx, "select ticketdb.create_roles()")
    value(tx, "select ticketdb.grant_roles()")
    define(tx)
    with acting(tx, "authenticated", user_id=user(tx)):
        assert logged(tx) == []
    with acting(tx, "anon"), pytest.raises(InsufficientPrivilege), tx.transaction():
        logged(tx)
    for role, claims in (("authenticated", ADMIN), ("service_role", {})):
        with acting(tx, role, **claims):
            assert len(logged(tx)) == 1


def test_who_changed_what_over_http_is_logged_with_his_token(house: House) -> None:
    shop = house.shop
    place, asha = schedule(shop), user(shop)
    admin = house.as_role(
        "authenticated", user_id=asha, **ADMIN, user_metadata={"phone": "+91 99"}, email="asha@example.org"
    )
    assert admin.patch(f"/event_schedules?id=eq.{place}", {"ticket_price": 75.25}).status == 204
    entry = row(shop, "select * from public.ticket_audit_log order by id desc limit 1")
    assert (entry.role_name, entry.user_id, entry.table_name, entry.row_key) == (
        "authenticated",
        asha,
        "event_schedules",
        str(place),
    )
    assert (entry.before, entry.after) == ({"ticket_price": None}, {"ticket_price": 75.25})
    assert entry.claims["email"] == "asha@example.org"
    assert entry.claims["app_metadata"] == {"role": "admin"}
    assert set(entry.claims) == {"role", "user_id", "email", "app_metadata"}

    held = reserve(shop, place)
    pay(shop, held.reservation_id)
    answer = house.payment_server().post("/rpc/cancel_reservation", {"p_reservation_id": held.reservation_id})
    assert answer.status == 200
    roles = rows(shop, "select role_name, table_name from public.ticket_audit_log where id > %s", entry.id)
    assert sorted(map(tuple, roles)) == [
        ("service_role", "ticket_payments"),
        ("service_role", "ticket_reservations"),
    ]
    read = house.admin().get("/ticket_audit_log?table_name=eq.ticket_payments&select=operation,after")
    assert [entry["after"] for entry in read.body] == [{"refund_due": 75.25}]
    assert house.buyer().get("/ticket_audit_log").body == []
    assert house.visitor().get("/ticket_audit_log").status in (401, 403)


def test_reports_are_read_over_http(house: House) -> None:
    sold = sell(house.shop, schedule(house.shop, define(house.shop, default_ticket_price="100.05")), 3)
    (sale,) = house.admin().post("/rpc/report_sales", {"p_start_date": "2020-01-01", "p_end_date": None}).body
    assert (sale["tickets_sold"], str(sale["net"])) == (3, "300.15")
    assert house.payment_server().get("/rpc/report_revenue").body[0]["event_type"] == "yoga"
    call(house.shop, "cancel_reservation", sold)
    (due,) = house.admin().get("/v_refunds_due?select=refund_due,reservation_id").body
    assert (due["reservation_id"], str(due["refund_due"])) == (sold, "300.15")
    assert house.buyer().get("/rpc/report_sales").status == 403
    assert house.buyer().get("/v_refunds_due").body == []
    assert house.visitor().get("/rpc/report_sales").status in (401, 403)
