"""For each role a story in which it calls, through a client, every function that it may call."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from factories import NEXT_WEEK, define, insert, pay, reserve, schedule, sell, user, value
from house import House
from http_clients import Ask, Lines, Reply, rpc
from pass_helpers import DAY, START, occurrence, pay_pass, visits_type
from postgrest import Api
from waitlists import sold_out

REPORTS = ("report_sales", "report_revenue", "report_attendance", "report_occupancy", "report_no_shows")


def answered(reply: Reply) -> Any:
    """The data of an answer that is no error."""
    assert reply.error is None, reply
    return reply.data


def call_of(function: str, arguments: dict[str, Any], *, get: bool = False) -> Lines:
    """A call; of a calendar as text, which supabase-js takes for JSON unless it is told."""
    lines = rpc(function, arguments, get=get)
    return lines._replace(js=f"{lines.js}.csv()") if function.endswith("_ics") else lines


class Caller:
    """Calls functions through a client as one role, and notes which."""

    def __init__(self, ask: Ask, api: Api) -> None:
        self.ask, self.api, self.called = ask, api, set[str]()

    def __call__(self, function: str, **arguments: Any) -> Any:
        self.called.add(function)
        named = {f"p_{name}": one for name, one in arguments.items()}
        return answered(self.ask(self.api, call_of(function, named)))


def look_around(house: House, call: Caller) -> None:
    """What a visitor may do, and anybody."""
    event = define(house.shop)
    show = schedule(house.shop, event)
    assert call("check_ticket_availability", schedule_id=show)["is_available"]
    space = insert(house.shop, "spaces", name="Studio")
    day = {"date": str(NEXT_WEEK), "opens": "06:00", "closes": "08:00"}
    slots = call("get_available_time_slots", space_id=space, **day)
    assert [slot["is_available"] for slot in slots] == [True, True]
    assert call("describe_rrule", rrule="FREQ=WEEKLY;BYDAY=MO")
    assert call("schedules_ics", event_definition_id=event).count("BEGIN:VEVENT") == 1
    assert "RRULE:FREQ=DAILY" in call("definition_ics", event_definition_id=event)


def change_the_timetable(house: House, call: Caller) -> None:
    event = define(house.shop)
    days = {"event_definition_id": event, "start_date": "2031-03-01", "end_date": "2031-03-03"}
    assert len(call("preview_recurring_schedules", **days)) == 3
    assert call("generate_recurring_schedules", **days) == 3
    imported = {
        "uid": f"{uuid4()}@example.org", "title": "Choir", "event_category": "music", "event_type": "choir",
        "timezone": "Asia/Kolkata", "starts_at": "2031-03-03T19:00:00", "seconds": 3600,
        "rules": ["FREQ=WEEKLY;BYDAY=MO"],
    }  # fmt: skip
    assert call("import_event", event=imported)["result"] == "created"
    mondays = {"rrule": "FREQ=WEEKLY;BYDAY=MO", "dtstart": "2031-03-03T07:00:00"}
    period = {"from": "2031-03-01T00:00:00", "to": "2031-03-31T23:00:00"}
    assert len(call("expand_rrule", **mondays, **period)) == 5
    changed = call("change_schedules", event_definition_id=event, changes={"ticket_price": 120})
    assert [one["action"] for one in changed] == ["change"] * 3
    first, second = (one["schedule_id"] for one in changed[:2])
    sell(house.shop, second)
    moved = call("move_schedule", schedule_id=first, start_time="09:00")
    assert "09:00" in str(moved), moved
    # the rules of no time zone changed
    assert (call("list_moved_schedules"), call("move_unsold_schedules")) == ([], 0)
    gone = call("cancel_schedule", schedule_id=second, reason="storm")
    assert (gone["refunds_due"], gone["refund_amount"]) == (1, 120)


def read_the_books(house: House, call: Caller) -> None:
    show = schedule(house.shop)
    sell(house.shop, show)
    for report in REPORTS:
        assert isinstance(call(report), list)
    today = call("report_sales")
    assert any(day["tickets_sold"] > 0 for day in today), today


def send_again(house: House, call: Caller) -> None:
    """A message that was given up."""
    sale = sell(house.shop, schedule(house.shop))
    message = value(
        house.shop,
        """
        update public.ticket_notifications set status = 'dead', completed_at = clock_timestamp()
        where reservation_id = %s and kind = 'ticket_confirmation' returning id
        """,
        sale,
    )
    (again,) = call("retry_notification", id=message)
    assert again["status"] == "pending"


def wait(house: House, call: Caller, **who: Any) -> None:
    """A place in a waiting list, given up again."""
    show, _ = sold_out(house.shop, 1)
    place = call("join_waitlist", schedule_id=show, **who)
    assert (place["status"], place["position"]) == ("waiting", 1)
    assert call("leave_waitlist", entry_id=place["entry_id"])["status"] == "left"


def hold_and_let_go(house: House, call: Caller) -> None:
    event = define(house.shop)
    show = schedule(house.shop, event)
    held = call("reserve_tickets", schedule_id=show, quantity=2, contact={"name": "Asha Rao"})
    assert call("release_reservation", reservation_id=held["reservation_id"])["status"] == "released"
    days = {"start_date": str(NEXT_WEEK), "end_date": str(NEXT_WEEK)}
    (place,) = call("reserve_series", event_definition_id=event, **days, idempotency_key=f"series {event}")
    assert place["schedule_id"] == show


def use_a_pass(house: House, call: Caller, type_id: int, pass_id: int) -> None:
    """A visit of a pass that is paid, given back."""
    assert call("set_pass_renewal", pass_id=pass_id, renews=True)["renews"]
    day = occurrence(house.shop, type_id, START)
    visit = call("redeem_pass", pass_id=pass_id, schedule_id=day)
    assert len(visit["ticket_codes"]) == 1
    assert call("return_visit", reservation_id=visit["reservation_id"])["visits_left"] == 3


def call_as_a_visitor(house: House, call: Caller) -> None:
    look_around(house, call)


def call_as_a_buyer_or_an_admin(house: House, call: Caller) -> None:
    look_around(house, call)
    hold_and_let_go(house, call)
    wait(house, call)
    type_id = visits_type(house.shop)
    given_up, bought = (
        call("buy_pass", pass_type_id=type_id, starts_on=str(START), idempotency_key=f"pass {type_id} {n}")[
            "pass_id"
        ]
        for n in range(2)
    )
    assert call("cancel_pass", pass_id=given_up)["status"] == "released"
    pay_pass(house.shop, bought)
    use_a_pass(house, call, type_id, bought)
    call.api = house.admin()
    change_the_timetable(house, call)
    read_the_books(house, call)
    send_again(house, call)


def sell_as_the_payment_server(house: House, call: Caller) -> None:
    """A sale that is moved, used, cancelled and paid back."""
    event = define(house.shop)
    show, later = (schedule(house.shop, event, schedule_date=NEXT_WEEK + n * DAY) for n in range(2))
    asha = user(house.shop)
    held = call("reserve_tickets", schedule_id=show, quantity=2, user_id=asha, hold_for="01:00:00")
    sale = held["reservation_id"]
    reference = f"pay {sale}"
    people = [{"name": "Asha Rao"}, {"name": "Ravi Rao"}]
    paid = call(
        "confirm_reservation",
        reservation_id=sale, payment_reference=reference, amount=200, participants=people,
    )  # fmt: skip
    assert paid["status"] == "confirmed"
    moved = call("move_reservation", reservation_id=sale, schedule_id=later)
    assert moved["ticket_codes"] == paid["ticket_codes"]
    code = moved["ticket_codes"][0]
    assert call("check_in", ticket_code=code, schedule_id=later)["result"] == "admitted"
    assert call("cancel_reservation", reservation_id=sale, reason="ill")["refund_due"] == 200
    settled = call("settle_refund", payment_reference=reference, refund_reference=f"back {sale}", amount=200)
    assert (settled["refunded"], settled["refund_due"]) == (200, 0)


def scan_a_batch(house: House, call: Caller) -> None:
    (code,) = pay(house.shop, reserve(house.shop, schedule(house.shop)).reservation_id).ticket_codes
    scan = {"ticket_code": str(code), "scan_id": str(uuid4()), "scanned_at": "2031-03-01T10:00:00Z"}
    (line,) = call("check_in_batch", scans=[scan])
    assert (line["line"], line["result"]) == (1, "admitted")


def send_messages(house: House, call: Caller) -> None:
    sale = sell(house.shop, schedule(house.shop))
    claimed = call("claim_notifications", limit=1000)
    (mine,) = (one for one in claimed if one["reservation_id"] == sale)
    named = {"id": mine["notification_id"], "lease_id": mine["lease_id"]}
    (sent,) = call("complete_notification", **named)
    assert sent["status"] == "sent"


def keep_a_pass(house: House, call: Caller) -> None:
    type_id = visits_type(house.shop)
    starts = {"starts_on": str(START)}
    bought = call("buy_pass", pass_type_id=type_id, user_id=user(house.shop), **starts)["pass_id"]
    paid = call("confirm_pass", pass_id=bought, payment_reference=f"pass {bought}", amount=300)
    assert paid["status"] == "active"
    use_a_pass(house, call, type_id, bought)
    pause = {"start_date": str(START + DAY), "end_date": str(START + DAY)}
    paused = call("pause_pass", pass_id=bought, **pause)
    assert paused["ends_on"] == str(START + 10 * DAY)
    longer = call("extend_pass", pass_id=bought, ends_on=str(START + 12 * DAY))
    assert longer["ends_on"] == str(START + 12 * DAY)
    assert call("cancel_pass", pass_id=bought, reason="ill")["refund_due"] == 300


def call_as_the_payment_server(house: House, call: Caller) -> None:
    look_around(house, call)
    change_the_timetable(house, call)
    hold_and_let_go(house, call)
    wait(house, call, contact={"name": "Asha Rao"})
    sell_as_the_payment_server(house, call)
    scan_a_batch(house, call)
    keep_a_pass(house, call)
    read_the_books(house, call)
    send_again(house, call)
    send_messages(house, call)
    assert "holds_expired" in call("run_maintenance", horizon_days=0)
    assert call("verify_inventory") == []


CALLERS = {
    "anon": (House.visitor, call_as_a_visitor),
    "authenticated": (House.buyer, call_as_a_buyer_or_an_admin),
    "service_role": (House.payment_server, call_as_the_payment_server),
}
