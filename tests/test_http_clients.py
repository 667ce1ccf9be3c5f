"""PostgREST through the clients that people use: what each reads, and every function that a role may call."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from factories import (
    NEXT_WEEK,
    define,
    insert,
    reserve,
    rows,
    schedule,
    sell,
    ticket_type,
    user,
)
from house import House
from http_clients import JS, Ask, Lines
from stories import CALLERS, REPORTS, Caller, answered, call_of


def test_availability_is_filtered_ordered_and_paged(shared_house: House, ask: Ask) -> None:
    kind = f"yoga {user(shared_house.shop)}"
    event = define(shared_house.shop, event_type=kind)
    days = [NEXT_WEEK + timedelta(days=n) for n in (3, 0, 4, 1, 2)]
    ids = {day: schedule(shared_house.shop, event, schedule_date=day) for day in days}
    reserve(shared_house.shop, ids[NEXT_WEEK], 5)
    for first, last, expected in ((0, 1, sorted(days)[1:3]), (2, 3, sorted(days)[3:])):
        page = ask(
            shared_house.visitor(),
            Lines(
                f"""supabase.table("v_event_availability").select("schedule_id", count="exact")
                .eq("event_type", {kind!r}).gte("tickets_available", 1)
                .order("starts_at").range({first}, {last}).execute()""",
                f"""supabase.from('v_event_availability').select('schedule_id', {{ count: 'exact' }})
                .eq('event_type', '{kind}').gte('tickets_available', 1)
                .order('starts_at').range({first}, {last})""",
            ),
        )
        assert answered(page) == [{"schedule_id": ids[day]} for day in expected]
        assert page.count == 4


def test_schedule_comes_with_its_event_and_its_ticket_types(shared_house: House, ask: Ask) -> None:
    kind = f"show {user(shared_house.shop)}"
    show = schedule(shared_house.shop, define(shared_house.shop, event_type=kind, event_code=kind[:40]))
    for name, price in (("VIP", 500), ("Standard", 200)):
        ticket_type(shared_house.shop, show, name=name, price=price)
    inner = "*, event_definitions!inner(*, ticket_types(name, price))"
    reply = ask(
        shared_house.visitor(),
        Lines(
            f"""supabase.table("event_schedules").select({inner!r})
            .eq("event_definitions.event_type", {kind!r})
            .order("price", foreign_table="event_definitions.ticket_types").execute()""",
            f"""supabase.from('event_schedules').select('{inner}')
            .eq('event_definitions.event_type', '{kind}')
            .order('price', {{ referencedTable: 'event_definitions.ticket_types' }})""",
        ),
    )
    (seen,) = answered(reply)
    assert (seen["id"], seen["event_definitions"]["event_code"]) == (show, kind[:40])
    assert seen["event_definitions"]["ticket_types"] == [
        {"name": "Standard", "price": 200},
        {"name": "VIP", "price": 500},
    ]


def test_availability_comes_with_the_ticket_types(shared_house: House, ask: Ask) -> None:
    show = schedule(shared_house.shop)
    ticket_type(shared_house.shop, show, name="VIP", price=500)
    reply = ask(
        shared_house.visitor(),
        Lines(
            f"""supabase.table("v_event_availability").select("schedule_id, ticket_types(name, price)")
            .eq("schedule_id", {show}).execute()""",
            f"""supabase.from('v_event_availability').select('schedule_id, ticket_types(name, price)')
            .eq('schedule_id', {show})""",
        ),
    )
    assert answered(reply) == [{"schedule_id": show, "ticket_types": [{"name": "VIP", "price": 500}]}]


def test_order_comes_with_its_tickets_and_payments(shared_house: House, ask: Ask) -> None:
    buyer = user(shared_house.shop)
    order = sell(shared_house.shop, schedule(shared_house.shop), 2, user_id=buyer)
    embedded = "id, event_tickets(status), ticket_payments(amount)"
    reply = ask(
        shared_house.buyer(buyer),
        Lines(
            f"""supabase.table("ticket_reservations").select({embedded!r}).execute()""",
            f"""supabase.from('ticket_reservations').select('{embedded}')""",
        ),
    )
    assert answered(reply) == [
        {"id": order, "event_tickets": [{"status": "valid"}] * 2, "ticket_payments": [{"amount": 200}]}
    ]


@pytest.mark.parametrize("role", CALLERS)
def test_role_calls_every_function_that_it_may(shared_house: House, ask: Ask, role: str) -> None:
    sign_in, story = CALLERS[role]
    call = Caller(ask, sign_in(shared_house))
    story(shared_house, call)
    granted = rows(
        shared_house.shop,
        """
        select substring(g.object from '^public[.](.*)[(]') as function
        from ticketdb.role_grants as g
        where g.kind = 'function' and g.object like 'public.%%' and g.role_name = %s
        """,
        role,
    )
    assert call.called == {function for (function,) in granted}


@pytest.mark.parametrize("role", CALLERS)
def test_role_has_no_right_to_call_any_other(shared_house: House, role: str) -> None:
    sign_in, _ = CALLERS[role]
    others = rows(
        shared_house.shop,
        """
        select p.proname, coalesce(p.proargnames[:p.pronargs], '{}')
        from pg_proc as p
        where p.pronamespace = 'public'::regnamespace and not has_function_privilege(%s, p.oid, 'execute')
        """,
        role,
    )
    assert "link_legacy_data" in dict(others)
    for function, names in others:
        answer = sign_in(shared_house).post(f"/rpc/{function}", dict.fromkeys(names))
        assert (answer.status in (401, 403), answer.body["code"]) == (True, "42501"), function


def test_readers_answer_a_get_as_they_answer_a_post(shared_house: House, ask: Ask) -> None:
    event = define(shared_house.shop)
    show = schedule(shared_house.shop, event)
    sell(shared_house.shop, show)
    space = insert(shared_house.shop, "spaces", name="Studio")
    readers = {
        "check_ticket_availability": {"p_schedule_id": show, "p_quantity": 2},
        "get_available_time_slots": {"p_space_id": space, "p_date": "2031-03-01"},
        "schedules_ics": {"p_event_definition_id": event},
        "definition_ics": {"p_event_definition_id": event},
        "preview_recurring_schedules": {
            "p_event_definition_id": event,
            "p_start_date": "2031-03-01",
            "p_end_date": "2031-03-03",
        },
        "list_moved_schedules": {},
        "describe_rrule": {"p_rrule": "FREQ=DAILY"},
        "expand_rrule": {
            "p_rrule": "FREQ=DAILY",
            "p_dtstart": "2031-03-01T07:00:00",
            "p_from": "2031-03-01T00:00:00",
            "p_to": "2031-03-03T23:00:00",
        },
        "verify_inventory": {},
        **{report: {} for report in REPORTS},
    }
    stable = rows(
        shared_house.shop,
        "select proname from pg_proc where pronamespace = 'public'::regnamespace and provolatile <> 'v'",
    )
    assert {name for (name,) in stable} == readers.keys()
    for function, arguments in readers.items():
        by_get = answered(ask(shared_house.payment_server(), call_of(function, arguments, get=True)))
        assert by_get == answered(ask(shared_house.payment_server(), call_of(function, arguments)))


def test_lock_file_names_no_registry() -> None:
    lock = json.loads((JS / "package-lock.json").read_text(encoding="utf-8"))
    packages = [package for name, package in lock["packages"].items() if name]
    assert len(packages) > 0
    assert [package for package in packages if "resolved" in package or "integrity" not in package] == []
