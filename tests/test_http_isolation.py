"""No function ends in 40001, which PostgREST before 16 repeats for ever; where one could, it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from factories import call, define, reserve, row, rows, schedule, sell, value
from house import House, roles_and_login, served
from pass_helpers import buy, visits_type
from postgrest import assert_refused
from psycopg import sql
from race_helpers import BAD_ISOLATION, Connect
from race_shop import Shop, assert_consistent

from tools.security import ROLES

UNKNOWN_TICKET = "00000000-0000-4000-8000-000000000000"
LEVELS = pytest.mark.parametrize("level", ["repeatable read", "serializable"])
# functions that write, with the names of their arguments
WRITERS = """
select p.proname, coalesce(p.proargnames[:p.pronargs], '{}') as names
from pg_proc as p
where p.pronamespace = 'public'::regnamespace and p.provolatile = 'v'
"""
RAISES_40001 = """
select p.oid::regproc::text
from pg_proc as p
where p.pronamespace in ('public'::regnamespace, 'ticketdb'::regnamespace)
  and p.prosrc ~* '\\mraise\\M[^;]*(40001|serialization_failure)'
"""


@contextmanager
def house_at(level: str, program: str, dsn: str, shop: psycopg.Connection) -> Iterator[House]:
    """PostgREST whose roles work at a level of isolation. Without DB_CONFIG it does not look."""
    with roles_and_login(shop) as login:
        for role in ROLES:
            statement = sql.SQL("alter role {} set default_transaction_isolation = {}")
            shop.execute(statement.format(sql.Identifier(role), sql.Literal(level)))
        try:
            with served(program, dsn, shop, login, PGRST_DB_CONFIG="true") as house:
                yield house
        finally:
            # roles that were there before stay
            for role in ROLES:
                statement = sql.SQL("alter role {} reset default_transaction_isolation")
                shop.execute(statement.format(sql.Identifier(role)))


@pytest.fixture
def shop(connect: Connect) -> psycopg.Connection:
    """The owner's direct connection."""
    return connect()


def test_postgrest_repeats_what_ends_in_40001(program: str, db: str, shop: psycopg.Connection) -> None:
    """Why it matters: here it ends well only because the function gives in."""
    shop.execute(
        """
        create sequence public.attempts;
        grant usage on sequence public.attempts to public;
        create function public.stubborn() returns bigint language plpgsql as $$
        begin
            if nextval('public.attempts') < 50 then
                raise serialization_failure;
            end if;
            return currval('public.attempts');
        end
        $$;
        """
    )
    with roles_and_login(shop) as login, served(program, db, shop, login) as house:
        answer = house.visitor().post("/rpc/stubborn", {})
        if int(house.visitor().get("/").headers["Server"].split("/")[1].split(".")[0]) >= 16:
            pytest.skip("this PostgREST repeats nothing")
    assert (answer.status, answer.body) == (200, 50)


def test_no_function_raises_40001(shop: psycopg.Connection) -> None:
    assert rows(shop, RAISES_40001) == []
    for statement in ("raise serialization_failure", "raise exception 'again' using errcode = '40001'"):
        shop.execute(
            f"""
            create or replace function ticketdb.again() returns void language plpgsql as $$
            begin
                {statement};
            end
            $$
            """.encode()
        )
        assert rows(shop, RAISES_40001) == [("ticketdb.again",)]


@LEVELS
def test_every_function_that_writes_refuses_the_level(shop: psycopg.Connection, level: str) -> None:
    told = {}
    for function, names in rows(shop, WRITERS):
        nulls = ", ".join(["null"] * len(names))
        shop.execute(f"begin isolation level {level}".encode())
        with pytest.raises(psycopg.Error) as refusal:
            shop.execute(f"select * from public.{function}({nulls})".encode())
        shop.execute("rollback")
        detail = json.loads(refusal.value.diag.message_detail or "{}")
        told[function] = (refusal.value.sqlstate, detail.get("isolation"))
    assert told == dict.fromkeys(told, ("PT400", level))
    assert {"reserve_tickets", "generate_recurring_schedules", "link_legacy_data"} <= told.keys()


@LEVELS
def test_capacity_changed_with_an_old_snapshot_is_refused(connect: Connect, level: str) -> None:
    """The functions that write here are triggers."""
    race = Shop(connect)
    show, vip = race.schedule(5), race.ticket_type(4)
    client, other = race.clients(2)
    for change in (lambda: client.set_capacity(show, 6), lambda: client.set_limit(vip, 3)):
        other.reserve(show, ticket_type=vip)
        client.begin(level)
        client.ask("select count(*) from public.event_schedules")
        other.reserve(show, ticket_type=vip)
        assert change() == BAD_ISOLATION
        client.rollback()
    assert_consistent(race)


@LEVELS
def test_over_http_the_level_is_refused_at_once_and_reading_goes_on(
    program: str, db: str, shop: psycopg.Connection, level: str
) -> None:
    show = schedule(shop, define(shop))
    held = reserve(shop, show).reservation_id
    paid = {"p_reservation_id": held, "p_payment_reference": "pay-1"}
    pass_type = visits_type(shop)
    bought = buy(shop, pass_type).pass_id
    sale = sell(shop, schedule(shop))
    call(shop, "cancel_reservation", sale)
    (reference,) = row(
        shop, "select payment_reference from public.ticket_payments where reservation_id = %s", sale
    )
    refund = {"p_payment_reference": reference, "p_refund_reference": "back-1"}
    period = {"p_event_definition_id": define(shop), "p_start_date": "2031-03-01", "p_end_date": "2031-03-03"}
    with house_at(level, program, db, shop) as house:
        buyer, admin, payment = house.buyer(), house.admin(), house.payment_server()
        for answer in (
            buyer.post("/rpc/reserve_tickets", {"p_schedule_id": show}),
            buyer.post("/rpc/reserve_tickets", {"p_schedule_id": show, "p_idempotency_key": "order-1"}),
            buyer.post("/rpc/reserve_series", period),
            admin.post("/rpc/generate_recurring_schedules", period),
            admin.patch(f"/event_schedules?id=eq.{show}", {"max_tickets": 6}),
            payment.post("/rpc/reserve_tickets", {"p_schedule_id": show}),
            payment.post("/rpc/confirm_reservation", paid),
            payment.post("/rpc/release_reservation", {"p_reservation_id": held}),
            payment.post("/rpc/cancel_reservation", {"p_reservation_id": held}),
            payment.post("/rpc/check_in", {"p_ticket_code": UNKNOWN_TICKET}),
            payment.post("/rpc/run_maintenance", {}),
            buyer.post("/rpc/join_waitlist", {"p_schedule_id": show}),
            buyer.post("/rpc/buy_pass", {"p_pass_type_id": pass_type}),
            admin.post("/rpc/move_schedule", {"p_schedule_id": show, "p_start_time": "09:00"}),
            admin.post("/rpc/cancel_schedule", {"p_schedule_id": show}),
            payment.post("/rpc/move_reservation", {"p_reservation_id": held, "p_schedule_id": show}),
            payment.post("/rpc/confirm_pass", {"p_pass_id": bought, "p_payment_reference": "pass-1"}),
            payment.post("/rpc/settle_refund", refund),
            payment.post("/rpc/check_in_batch", {"p_scans": []}),
            payment.post("/rpc/claim_notifications", {}),
        ):
            assert_refused(answer, 400, "invalid_argument", isolation=level)
        for reader in (
            house.visitor().get("/v_event_availability"),
            house.visitor().post("/rpc/check_ticket_availability", {"p_schedule_id": show}),
            admin.post("/rpc/preview_recurring_schedules", period),
            payment.post("/rpc/verify_inventory", {}),
            house.visitor().get("/v_space_calendar"),
            admin.post("/rpc/report_sales", {}),
            admin.get("/v_waitlist"),
        ):
            assert reader.status == 200, reader
    assert value(shop, "select count(*) from public.ticket_reservations") == 2
    assert value(shop, "select count(*) from public.event_passes where status = 'held'") == 1
    assert value(shop, "select sum(refunded) from public.ticket_payments") == 0
