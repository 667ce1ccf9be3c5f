"""Who may do what: anon reads, a signed-in buyer has his own, an admin manages, the payment server sells."""

from __future__ import annotations

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
from psycopg.errors import InsufficientPrivilege
from roles import acting

from tools.security import ROLES

ADMIN = {"app_metadata": {"role": "admin"}}
LISTED = "select schedule_id from public.v_event_availability order by schedule_id"


@pytest.fixture
def tx(tx: psycopg.Connection) -> psycopg.Connection:
    """The transaction, with the roles in it; they go with it."""
    assert set(value(tx, "select ticketdb.create_roles()")) <= set(ROLES)
    assert value(tx, "select ticketdb.grant_roles()") == []
    return tx


@pytest.fixture
def draft(tx: psycopg.Connection) -> int:
    """An occurrence of an event that is not public yet."""
    return schedule(tx, define(tx, is_active=False))


def refuse_right(tx: psycopg.Connection, statement: str, *arguments: Any) -> None:
    """The caller has no right even to ask."""
    with pytest.raises(InsufficientPrivilege), tx.transaction():
        tx.execute(statement.encode(), arguments)


def test_a_plain_server_has_none_of_the_roles_and_grants_nothing(shared_db: str) -> None:
    with psycopg.connect(shared_db) as connection:
        existing = value(connection, "select count(*) from pg_roles where rolname = any(%s)", list(ROLES))
        missing = value(connection, "select ticketdb.grant_roles()")
        assert len(missing) == len(ROLES) - existing


def test_roles_are_granted_all_that_is_listed_and_nothing_else(tx: psycopg.Connection) -> None:
    assert rows(tx, "select from ticketdb.role_grants as g where not g.is_granted") == []
    twice = """
    select g.object from ticketdb.role_grants as g
    group by g.kind, g.object, g.privilege, g.role_name having count(*) > 1
    """
    assert rows(tx, twice) == []
    unlisted = """
    with rights as (
        select c.oid::regclass::text as object, lower(a.privilege_type) as privilege, a.grantee
        from pg_class as c
        cross join aclexplode(c.relacl) as a
        where c.relnamespace in ('public'::regnamespace, 'ticketdb'::regnamespace)
        union all
        select p.oid::regprocedure::text, lower(a.privilege_type), a.grantee
        from pg_proc as p
        cross join aclexplode(p.proacl) as a
        where p.pronamespace in ('public'::regnamespace, 'ticketdb'::regnamespace)
    )
    select r.object, r.privilege, a.rolname
    from rights as r
    inner join pg_roles as a on a.oid = r.grantee
    where a.rolname in ('anon', 'authenticated', 'service_role')
      and not exists (
          select
          from ticketdb.role_grants as g
          where g.role_name = a.rolname and g.privilege = r.privilege
            and case g.kind
                when 'function' then g.object::regprocedure::text
                when 'schema' then null
                else g.object::regclass::text
            end = r.object
      )
    """
    assert rows(tx, unlisted) == []
    tx.execute("grant truncate on public.ticket_reservations to anon")
    assert len(rows(tx, unlisted)) == 1


def test_visitor_sees_what_is_on_sale(tx: psycopg.Connection, draft: int) -> None:
    show = schedule(tx)
    vip = ticket_type(tx, show, max_quantity=3)
    with acting(tx, "anon"):
        assert rows(tx, LISTED) == [(show,)]
        assert [r.id for r in rows(tx, "select id from public.event_schedules")] == [show]
        assert call(tx, "check_ticket_availability", show, 1, vip).tickets_available == 3
        seen = call(tx, "check_ticket_availability", draft)
        assert seen == call(tx, "check_ticket_availability", 2_000_000_000)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from public.ticket_reservations",
        "select * from public.event_tickets",
        "select * from public.ticket_payments",
        "select * from public.v_schedule_participants",
        "select * from public.v_tickets",
        "select * from public.v_waitlist",
        "select * from public.v_event_passes",
        "select * from public.v_attendance",
        "select * from public.v_ticket_sales_by_event",
        "select * from public.ticket_notifications",
        "select * from public.ticket_audit_log",
        "select * from ticketdb.seat_buckets",
        "select * from public.reserve_tickets(1)",
        "select * from public.release_reservation(1)",
        "select * from public.join_waitlist(1)",
        "select * from public.buy_pass(1)",
        "select * from public.report_sales()",
        "select * from public.confirm_reservation(1, 'pay-1')",
        "select * from public.generate_recurring_schedules(1, current_date, current_date)",
        "select * from ticketdb.hold_tickets(1, 1, null, null, null, null)",
        "insert into public.event_definitions (event_code) values ('mine')",
    ],
)
def test_visitor_reaches_nothing_else(tx: psycopg.Connection, statement: str) -> None:
    with acting(tx, "anon", **ADMIN):
        refuse_right(tx, statement)


@pytest.mark.parametrize("way", ["user_id", "user_id as text", "email"])
def test_buyer_reserves_for_himself(tx: psycopg.Connection, way: str) -> None:
    show = schedule(tx)
    asha = user(tx, username="asha@example.org")
    claims = {
        "user_id": {"user_id": asha, "email": "somebody@example.org"},
        "user_id as text": {"user_id": str(asha)},
        "email": {"email": "asha@example.org"},
    }[way]
    with acting(tx, "authenticated", **claims):
        first = reserve(tx, show, 2, contact='{"name": "Asha Rao"}')
        second = reserve(tx, show, user_id=asha)
        assert (first.quantity, first.status, second.quantity) == (2, "held", 1)
    assert rows(tx, "select user_id, quantity from public.ticket_reservations order by id") == [
        (asha, 2),
        (asha, 1),
    ]


@pytest.mark.parametrize(
    "claims",
    [{}, {"email": "nobody@example.org"}, {"user_id": 2_000_000_000}, {"user_id": "one"}, {"user_id": None}],
    ids=str,
)
def test_buyer_whom_no_row_of_users_stands_for_is_refused(
    tx: psycopg.Connection, claims: dict[str, Any]
) -> None:
    show = schedule(tx)
    user(tx, username="asha@example.org")
    with acting(tx, "authenticated", **claims):
        with expect_error(tx, "PT403", "not_allowed"):
            reserve(tx, show)
        with expect_error(tx, "PT403", "not_allowed"):
            call(tx, "release_reservation", 1)
        assert rows(tx, "select from public.ticket_reservations") == []


def test_buyer_cannot_reserve_for_another_whoever_that_is(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    asha, ravi = user(tx), user(tx)
    with acting(tx, "authenticated", user_id=asha):
        for other in (ravi, 2_000_000_000):
            with expect_error(tx, "PT403", "not_allowed"):
                reserve(tx, show, user_id=other)


def test_buyer_cannot_hold_for_longer_than_usual(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    with acting(tx, "authenticated", user_id=user(tx)):
        assert reserve(tx, show, hold_for="15 minutes").status == "held"
        with expect_error(tx, "PT403", "not_allowed"):
            reserve(tx, show, hold_for="16 minutes")


def test_event_that_is_not_public_does_not_exist_for_a_buyer(tx: psycopg.Connection, draft: int) -> None:
    event = value(tx, "select event_definition_id from public.event_schedules where id = %s", draft)
    with acting(tx, "authenticated", user_id=user(tx)):
        with expect_error(tx, "PT404", "schedule_not_found"):
            reserve(tx, draft)
        with expect_error(tx, "PT404", "definition_not_found"):
            call(tx, "reserve_series", event, "2020-01-01", "2029-01-01")
        assert rows(tx, "select from public.event_schedules where id = %s", draft) == []
        assert rows(tx, "select from public.event_definitions where id = %s", event) == []


def test_same_key_of_two_buyers_is_two_orders(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    orders = set()
    for _ in range(2):
        with acting(tx, "authenticated", user_id=user(tx)):
            order = reserve(tx, show, idempotency_key="order-1").reservation_id
            assert reserve(tx, show, idempotency_key="order-1").reservation_id == order
            with expect_error(tx, "PT409", "idempotency_key_reused"):
                reserve(tx, show, 2, idempotency_key="order-1")
            with expect_error(tx, "PT400", "invalid_argument"):
                reserve(tx, show, idempotency_key="")
            orders.add(order)
    assert len(orders) == 2


def test_buyer_has_a_pass(tx: psycopg.Connection) -> None:
    class_ = define(tx, recurrence_type="daily")
    call(tx, "generate_recurring_schedules", class_, "2029-01-01", "2029-01-03")
    asha, ravi = user(tx), user(tx)
    with acting(tx, "authenticated", user_id=asha):
        statement = (
            "select * from public.reserve_series(%s, '2029-01-01', '2029-01-03', p_idempotency_key => 'pass')"
        )
        places = rows(tx, statement, class_)
        assert len(places) == 3
        assert rows(tx, statement, class_) == places
    with acting(tx, "authenticated", user_id=ravi):
        assert rows(tx, "select from public.ticket_reservations") == []


def test_buyer_sees_and_gives_up_what_is_his_own(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    asha, ravi = user(tx), user(tx)
    mine = reserve(tx, show, user_id=asha).reservation_id
    bought = sell(tx, show, user_id=asha)
    others = [reserve(tx, show, user_id=ravi).reservation_id, sell(tx, show, user_id=ravi), sell(tx, show)]
    with acting(tx, "authenticated", user_id=asha):
        assert [r.id for r in rows(tx, "select id from public.ticket_reservations order by id")] == [
            mine,
            bought,
        ]
        for table in ("event_tickets", "ticket_payments"):
            assert [r.reservation_id for r in rows(tx, f"select reservation_id from public.{table}")] == [
                bought
            ]
        people = rows(tx, "select schedule_id from public.v_schedule_participants")
        assert [r.schedule_id for r in people] == [show]
        assert call(tx, "release_reservation", mine).status == "released"
        with expect_error(tx, "PT409", "already_confirmed"):
            call(tx, "release_reservation", bought)
        for other in (*others, 2_000_000_000):
            with expect_error(tx, "PT404", "reservation_not_found", reservation_id=other):
                call(tx, "release_reservation", other)


@pytest.mark.parametrize(
    "statement",
    [
        "update public.ticket_reservations set user_id = null",
        "delete from public.ticket_reservations",
        "insert into public.ticket_payments (reservation_id, payment_reference, amount) values (1, 'p', 1)",
        "select * from public.confirm_reservation(1, 'pay-1')",
        "select * from public.cancel_reservation(1)",
        "select * from public.move_reservation(1, 1)",
        "select * from public.settle_refund('pay-1', 'back-1')",
        "select * from public.confirm_pass(1, 'pay-1')",
        "select * from public.pause_pass(1, current_date, current_date)",
        "select * from public.extend_pass(1, current_date)",
        "select * from public.check_in(gen_random_uuid())",
        "select * from public.check_in_batch('[]')",
        "select * from public.claim_notifications()",
        "select * from public.complete_notification(1, gen_random_uuid())",
        "select * from public.schedule_maintenance_jobs()",
        "insert into public.event_waitlist (schedule_id, user_id, quantity) values (1, 1, 1)",
        "update public.event_passes set ends_on = 'infinity'",
        "delete from public.ticket_audit_log",
        "delete from public.ticket_notifications",
        "select public.run_maintenance()",
        "select * from public.verify_inventory()",
        "select * from public.link_legacy_data(true)",
        "select * from ticketdb.hold_tickets(1, 1, null, null, null, null)",
        "select * from ticketdb.reservation_receipt(1)",
        "truncate public.ticket_reservations",
    ],
)
def test_signed_in_caller_does_nothing_of_the_payment_servers_not_even_an_admin(
    tx: psycopg.Connection, statement: str
) -> None:
    with acting(tx, "authenticated", user_id=user(tx), **ADMIN):
        refuse_right(tx, statement)


def test_buyer_manages_nothing(tx: psycopg.Connection) -> None:
    show = schedule(tx, define(tx, recurrence_type="daily"))
    event = value(tx, "select event_definition_id from public.event_schedules where id = %s", show)
    with acting(tx, "authenticated", user_id=user(tx), app_metadata={"role": "buyer"}):
        refuse_right(
            tx,
            "insert into public.event_definitions (event_code, title, event_category, event_type)"
            " values ('mine', 'Mine', 'wellness', 'yoga')",
        )
        assert tx.execute("update public.event_schedules set ticket_price = 0").rowcount == 0
        assert tx.execute("delete from public.event_definitions").rowcount == 0
        for function in ("generate_recurring_schedules", "preview_recurring_schedules"):
            with expect_error(tx, "PT403", "not_allowed"):
                call(tx, function, event, "2029-01-01", "2029-01-03")


def test_admin_manages_events_and_sees_who_comes(tx: psycopg.Connection, draft: int) -> None:
    with acting(tx, "authenticated", **ADMIN):
        event = define(tx, recurrence_type="daily")
        assert (
            value(tx, "select public.generate_recurring_schedules(%s, '2029-01-01', '2029-01-03')", event)
            == 3
        )
        (first, *_) = rows(
            tx, "select id from public.event_schedules where event_definition_id = %s order by id", event
        )
        change(tx, "event_schedules", first.id, ticket_price=5, max_tickets=7)
        ticket_type(tx, first.id)
        with expect_error(tx, "PT409", "tickets_sold_is_derived"):
            change(tx, "event_schedules", first.id, tickets_sold=1)
        assert rows(tx, "select from public.event_schedules where id = %s", draft) != []
    sell(tx, first.id, 2)
    with acting(tx, "authenticated", **ADMIN):
        people = rows(tx, "select schedule_id, ticket_quantity from public.v_schedule_participants")
        assert people == [(first.id, 2)]
        assert len(rows(tx, "select from public.event_tickets")) == 2


def test_payment_server_sells_for_anybody(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=5)
    asha = user(tx)
    with acting(tx, "service_role"):
        held = reserve(tx, show, 2, user_id=asha, hold_for="1 hour", idempotency_key="order-1")
        sale = pay(tx, held.reservation_id)
        assert (sale.status, sale.tickets_sold) == ("confirmed", 2)
        assert call(tx, "check_in", sale.ticket_codes[0], show).result == "admitted"
        assert call(tx, "cancel_reservation", held.reservation_id).status == "cancelled"
        assert call(tx, "release_reservation", reserve(tx, show).reservation_id).status == "released"
        assert rows(tx, "select * from public.verify_inventory()") == []
        assert value(tx, "select public.run_maintenance()")["holds_expired"] == 0
        assert len(rows(tx, "select from public.v_schedule_participants")) == 1


def test_application_books_as_before_under_any_role(tx: psycopg.Connection) -> None:
    """The triggers act for the application: its own roles need no right on anything of ours."""
    show = schedule(tx)
    tx.execute("alter table public.bookings disable row level security")
    tx.execute("grant select, insert, update on public.bookings to authenticated")
    tx.execute("grant usage on all sequences in schema public to authenticated")
    tx.execute("grant select on public.users to authenticated")
    with acting(tx, "authenticated", email="nobody@example.org"):
        booking = book(tx, show, attendees=2)
        change(tx, "bookings", booking, status="paid")
    assert value(tx, "select tickets_sold from public.event_schedules where id = %s", show) == 2


def test_owner_is_trusted_whatever_a_token_says(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    asha = user(tx)
    tx.execute("""select set_config('request.jwt.claims', '{"user_id": 2000000000}', true)""")
    assert row(tx, "select * from public.reserve_tickets(%s, p_user_id => %s)", show, asha).status == "held"


def test_roles_that_appear_later_are_completed_by_running_it_again(tx: psycopg.Connection) -> None:
    tx.execute("revoke select on public.event_schedules from anon")
    assert rows(tx, "select object from ticketdb.role_grants where not is_granted") == [
        ("public.event_schedules",)
    ]
    tx.execute("select ticketdb.grant_roles()")
    assert rows(tx, "select object from ticketdb.role_grants where not is_granted") == []


def test_what_somebody_granted_to_a_role_of_his_own_stays(tx: psycopg.Connection) -> None:
    tx.execute("create role tdb_accountant nologin")
    tx.execute("grant select on public.ticket_payments to tdb_accountant, public")
    tx.execute("select ticketdb.revoke_default_grants()")
    kept = "select has_table_privilege(%s, 'public.ticket_payments', 'select')"
    assert value(tx, kept, "tdb_accountant")
    tx.execute("revoke select on public.ticket_payments from tdb_accountant")
    assert not value(tx, kept, "tdb_accountant")


def test_issue_of_the_link_is_seen_by_staff_alone(tx: psycopg.Connection) -> None:
    insert(tx, "legacy_link_issues", source_table="bookings", source_id=1, problem="no_note", detail="{}")
    seen = "select from public.legacy_link_issues"
    with acting(tx, "authenticated", user_id=user(tx)):
        assert rows(tx, seen) == []
    with acting(tx, "authenticated", **ADMIN):
        assert len(rows(tx, seen)) == 1
