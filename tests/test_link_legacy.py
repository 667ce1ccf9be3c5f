"""The application's own rows become events, occurrences and reservations (link_legacy_data)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
import pytest
from legacy_oracle import Expected, Oracle
from psycopg.rows import dict_row

from ticketdb.migrate import migrate

STEPS = [
    "definitions",
    "shows",
    "class_dates",
    "purchases",
    "places",
    "passes",
    "participants",
    "payments",
    "tickets",
    "issues",
]
WRITTEN = [
    "event_definitions",
    "event_schedules",
    "ticket_reservations",
    "ticket_payments",
    "event_passes",
    "event_tickets",
    "legacy_link_issues",
    "bookings",
    "program_participants",
]


def samples() -> list[Any]:
    """The sample application, and a dump that TICKETDB_LEGACY_SQL may name."""
    sample = str(files("ticketdb").joinpath("data/sample_app.sql"))
    named = os.environ.get("TICKETDB_LEGACY_SQL")
    return [pytest.param(sample, id="sample"), *([pytest.param(named, id=Path(named).name)] if named else [])]


@pytest.fixture(params=samples()[:1])
def conn(request: pytest.FixtureRequest, empty_db: str) -> Iterator[psycopg.Connection]:
    """A connection to the application's database with ticketdb installed, before the link."""
    with psycopg.connect(empty_db, autocommit=True) as connection:
        connection.execute(Path(request.param).read_bytes())
        migrate(empty_db)
        yield connection


def link(conn: psycopg.Connection, dry_run: bool = False) -> dict[str, int]:
    return dict(conn.execute("select step, rows from public.link_legacy_data(%s)", [dry_run]).fetchall())


def one(conn: psycopg.Connection, query: str, *parameters: Any) -> Any:
    row = conn.execute(query, parameters or None).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


def rows(conn: psycopg.Connection, query: str) -> list[dict[str, Any]]:
    return conn.cursor(row_factory=dict_row).execute(query).fetchall()


def contents(conn: psycopg.Connection) -> dict[str, Any]:
    """All rows that the link may write."""
    return {
        table: conn.execute(f"select to_jsonb(t) from public.{table} as t order by t.id").fetchall()
        for table in WRITTEN
    }


def test_what_is_imported_is_not_told_to_its_buyers(conn: psycopg.Connection) -> None:
    link(conn)
    assert one(conn, "select count(*) from public.ticket_reservations where status = 'confirmed'") > 0
    assert one(conn, "select count(*) from public.ticket_notifications") == 0


def expectation(conn: psycopg.Connection) -> Expected:
    return Oracle(
        rows(conn, "select * from bookings"),
        rows(conn, "select * from program_participants"),
        one(conn, "select now()"),
        one(conn, "select current_setting('TimeZone')"),
    ).work_out()


def issues(
    conn: psycopg.Connection, problem: str, table: str = "bookings"
) -> list[tuple[int, dict[str, Any]]]:
    return conn.execute(
        """
        select source_id, detail from legacy_link_issues
        where problem = %s and source_table = %s order by source_id
        """,
        [problem, table],
    ).fetchall()


def details(conn: psycopg.Connection, problem: str, table: str = "bookings") -> list[dict[str, Any]]:
    return [detail for _, detail in issues(conn, problem, table)]


def pending_purchase(conn: psycopg.Connection) -> tuple[int, int, int]:
    """A linked purchase that is not paid, of a show that is yet to come and has room."""
    return one(
        conn,
        """
        select b.id, b.event_schedule_id, b.attendees
        from bookings b join event_schedules s on s.id = b.event_schedule_id
        where b.status = 'pending' and s.status = 'scheduled' and s.tickets_available >= b.attendees
        order by b.id limit 1
        """,
    )


def sold(conn: psycopg.Connection, schedule_id: int) -> int:
    return int(one(conn, "select tickets_sold from event_schedules where id = %s", schedule_id))


@pytest.mark.parametrize("conn", samples(), indirect=True)
def test_the_link_makes_what_an_independent_reading_of_the_contract_makes(conn: psycopg.Connection) -> None:
    expected = expectation(conn)
    counts = link(conn)

    definitions = conn.execute("select event_code, event_category from event_definitions")
    assert dict(definitions.fetchall()) == expected.definitions
    occurrences = rows(
        conn,
        """
        select s.booking_id, s.schedule_date, d.event_code, s.start_time, s.end_time, s.ticket_price,
            s.space_id, s.ends_at <= now() as is_over, s.status, s.tickets_sold, s.max_tickets
        from event_schedules s join event_definitions d on d.id = s.event_definition_id
        """,
    )
    assert {(r.pop("booking_id"), r.pop("schedule_date")): r for r in occurrences} == expected.occurrences

    at = {
        row["id"]: (row["booking_id"], row["schedule_date"])
        for row in rows(conn, "select id, booking_id, schedule_date from event_schedules")
    }
    reservations = rows(conn, "select * from ticket_reservations")
    assert {r["origin"] for r in reservations} == {"legacy"}
    assert {
        r["booking_id"]: {"occurrence": at[r["schedule_id"]]} | {k: r[k] for k in ("quantity", "status")}
        for r in reservations
        if r["participant_id"] is None
    } == expected.bookings
    assert {
        (r["participant_id"], at[r["schedule_id"]]): r["quantity"]
        for r in reservations
        if r["participant_id"] is not None and r["status"] == "confirmed"
    } == expected.places
    assert {
        p["id"]: at[p["event_schedule_id"]]
        for p in rows(conn, "select * from program_participants")
        if p["event_schedule_id"] is not None
    } == expected.participants
    payments = conn.execute("select payment_reference, amount from ticket_payments")
    assert dict(payments.fetchall()) == expected.payments

    noted = {
        (
            r["source_table"],
            at[r["source_id"]] if r["source_table"] == "event_schedules" else r["source_id"],
            r["problem"],
        ): r["detail"]
        for r in rows(conn, "select * from legacy_link_issues")
    }
    assert noted.keys() == expected.issues.keys()
    for key, detail in expected.issues.items():
        assert {name: noted[key][name] for name in detail} == detail, key

    passes = {
        r["participant_id"]: (r["visits"], r["price"])
        for r in rows(conn, "select * from event_passes where kind = 'monthly' and status = 'active'")
    }
    assert passes == expected.passes

    due = sum(row["tickets_sold"] for row in expected.occurrences.values() if not row["is_over"])
    shows = sum(row["event_code"].startswith("live-") for row in expected.occurrences.values())
    assert counts == {
        "definitions": len(expected.definitions),
        "shows": shows,
        "class_dates": len(expected.occurrences) - shows,
        "purchases": len(expected.bookings),
        "places": len(expected.places),
        "passes": len(expected.passes),
        "participants": len(expected.participants),
        "payments": len(expected.payments),
        "tickets": due,
        "issues": len(expected.issues),
    }
    assert conn.execute("select * from verify_inventory()").fetchall() == []


def test_every_kind_of_problem_is_noted_with_the_values_that_show_it(conn: psycopg.Connection) -> None:
    link(conn)
    assert {detail["note"] for detail in details(conn, "unreadable_note")} == {
        "see whatsapp",
        "Sold: 0 | Tickets: unlimited @ ₹500",
        "Tickets: 60, price at the door",
    }
    assert details(conn, "no_note") == [{"note": None}]
    assert [detail["space_id"] for detail in details(conn, "no_matching_show")] == [4]
    assert [detail["event_type"] for detail in details(conn, "no_matching_class")] == ["yoga"]
    (twins,) = details(conn, "ambiguous_show")
    assert len(twins["candidates"]) == 2
    assert twins["chosen"] == min(twins["candidates"])
    (class_booking,) = details(conn, "ambiguous_class")
    assert len(class_booking["candidates"]) == 2
    ambiguous = details(conn, "ambiguous_class", "program_participants")
    assert [len(detail["candidates"]) for detail in ambiguous] == [2] * 5
    assert [detail["quantity"] for detail in details(conn, "unreadable_quantity")] == [-2]
    orphans = details(conn, "orphan_participant", "program_participants")
    assert {detail["program_type"] for detail in orphans} == {"live", "zumba", "yoga", "pilates"}
    (show,) = details(conn, "oversold")
    assert (show["capacity"], show["sold"]) == (20, 22)
    (dance,) = details(conn, "oversold", "event_schedules")
    assert (dance["capacity"], dance["sold"]) == (3, 7)
    assert details(conn, "sold_mismatch") == [{"claimed": 12, "sold": 9}]
    (times,) = details(conn, "unreadable_times")
    assert times["start_datetime"] == times["end_datetime"]
    kinds = {problem for (problem,) in conn.execute("select distinct problem from legacy_link_issues")}
    described = one(
        conn,
        """
        select col_description(attrelid, attnum) from pg_attribute
        where attrelid = 'legacy_link_issues'::regclass and attname = 'problem'
        """,
    )
    assert kinds == set(described.replace(" or ", ", ").replace(",", " ").split())


def test_a_dry_run_counts_the_same_and_writes_nothing(conn: psycopg.Connection) -> None:
    before = contents(conn)
    counts = link(conn, dry_run=True)
    assert contents(conn) == before
    assert list(counts) == STEPS
    assert min(counts.values()) > 0
    assert link(conn) == counts


def test_a_second_run_changes_nothing(conn: psycopg.Connection) -> None:
    link(conn)
    before = contents(conn)
    assert link(conn) == dict.fromkeys(STEPS, 0)
    assert contents(conn) == before


def test_the_application_follows_its_bookings_again_after_the_link(conn: psycopg.Connection) -> None:
    for dry_run in (True, False):
        link(conn, dry_run)
        triggers = conn.execute(
            "select tgenabled from pg_trigger where tgrelid = 'bookings'::regclass and not tgisinternal"
        ).fetchall()
        assert triggers == [("O",)] * 8


def test_paying_a_linked_purchase_sells_it_and_cancelling_returns_it(conn: psycopg.Connection) -> None:
    link(conn)
    booking, schedule, attendees = pending_purchase(conn)
    before = sold(conn, schedule)
    conn.execute("update bookings set status = 'paid' where id = %s", [booking])
    assert sold(conn, schedule) == before + attendees
    reservations = conn.execute("select status from ticket_reservations where booking_id = %s", [booking])
    assert reservations.fetchall() == [("confirmed",)]
    conn.execute("update bookings set status = 'completed' where id = %s", [booking])
    assert sold(conn, schedule) == before + attendees
    conn.execute("update bookings set status = 'cancelled' where id = %s", [booking])
    assert sold(conn, schedule) == before
    assert conn.execute("select * from verify_inventory()").fetchall() == []


def test_cancelling_an_imported_sale_returns_its_seats_and_what_was_paid(conn: psycopg.Connection) -> None:
    link(conn)
    reservation, booking, schedule, quantity, amount = one(
        conn,
        """
        select r.id, r.booking_id, r.schedule_id, r.quantity, r.total_amount
        from ticket_reservations r join event_schedules s on s.id = r.schedule_id
        join bookings b on b.id = r.booking_id
        where r.status = 'confirmed' and s.ends_at > now() and r.total_amount > 0 and b.booking_type = 'live-'
        order by r.id limit 1
        """,
    )
    before = sold(conn, schedule)
    conn.execute("update bookings set status = 'cancelled' where id = %s", [booking])
    assert sold(conn, schedule) == before - quantity
    refund = "select sum(refund_due) from ticket_payments where reservation_id = %s"
    assert one(conn, refund, reservation) == amount
    tickets = "select count(*) from event_tickets where reservation_id = %s and status = 'valid'"
    assert one(conn, tickets, reservation) == 0
    assert link(conn) == dict.fromkeys(STEPS, 0)


def test_a_completed_status_on_a_sale_of_the_past_is_no_new_sale(conn: psycopg.Connection) -> None:
    link(conn)
    before = contents(conn)["ticket_reservations"]
    conn.execute(
        """
        update bookings b set status = 'completed' from event_schedules s
        where s.id = b.event_schedule_id and s.status = 'completed' and b.status = 'paid'
        """
    )
    assert contents(conn)["ticket_reservations"] == before


def test_a_purchase_made_after_the_link_is_picked_up_by_the_next_run(conn: psycopg.Connection) -> None:
    link(conn)
    show, schedule, capacity = one(
        conn,
        """
        select b.id, b.event_schedule_id, s.max_tickets
        from bookings b join event_schedules s on s.booking_id = b.id
        where b.customer_note = 'tickets:20 @ Rs. 150 | sold:22'
        """,
    )
    conn.execute(
        """
        insert into bookings (
            booking_reference, user_id, space_id, venue_id, start_datetime, end_datetime, attendees, status,
            total_amount, booking_type, event_type, is_admin_booking
        )
        select 'NEW1', 2, space_id, venue_id, start_datetime, end_datetime, 3, 'paid',
            450, 'live-', event_type, false
        from bookings where id = %s
        """,
        [show],
    )
    counts = link(conn)
    assert counts == dict.fromkeys(STEPS, 0) | {"purchases": 1, "payments": 1, "tickets": 3, "issues": 1}
    assert sold(conn, schedule) == capacity + 3
    assert one(conn, "select max_tickets from event_schedules where id = %s", schedule) == capacity + 3
    (detail,) = details(conn, "oversold")
    assert (detail["capacity"], detail["sold"]) == (20, 25)
    assert (show, {"claimed": 22, "sold": 25}) in issues(conn, "sold_mismatch")


def test_an_issue_is_struck_out_once_its_row_is_linked(conn: psycopg.Connection) -> None:
    link(conn)
    ((booking, _),) = issues(conn, "no_matching_show")
    conn.execute(
        "update bookings set start_datetime = start_datetime - interval '30 minutes' where id = %s", [booking]
    )
    assert link(conn)["purchases"] == 1
    assert issues(conn, "no_matching_show") == []


def test_an_event_that_exists_under_the_code_is_used_as_it_is(conn: psycopg.Connection) -> None:
    conn.execute(
        "insert into event_definitions (event_code, title, event_category, event_type) "
        "values ('live-comedy', 'Ours', 'fun', 'jokes')"
    )
    assert link(conn)["definitions"] == 9
    assert one(
        conn,
        """
        select d.title, d.event_category, count(*)
        from event_schedules s join event_definitions d on d.id = s.event_definition_id
        where d.event_code = 'live-comedy' group by d.id
        """,
    ) == ("Ours", "fun", 5)


def test_an_occurrence_that_was_generated_already_is_taken_over(conn: psycopg.Connection) -> None:
    link(conn)
    definition, booking, last = one(
        conn,
        """
        select s.event_definition_id, s.booking_id, max(s.schedule_date)
        from event_schedules s join event_definitions d on d.id = s.event_definition_id
        where d.event_code = 'zumba-0800' group by 1, 2
        """,
    )
    conn.execute("select generate_recurring_schedules(%s, %s::date, %s::date + 2)", [definition, last, last])
    longer = "update bookings set end_datetime = end_datetime + interval '3 days' where id = %s"
    conn.execute(longer, [booking])
    assert link(conn)["class_dates"] == 3
    assert one(
        conn,
        """
        select count(*), count(distinct schedule_date), array_agg(distinct booking_id)
        from event_schedules where event_definition_id = %s and schedule_date > %s
        """,
        definition,
        last,
    ) == (3, 3, [booking])


def test_inactive_participants_are_linked_to_nothing(conn: psycopg.Connection) -> None:
    link(conn)
    assert one(
        conn,
        """
        select count(*), count(event_schedule_id), count(r.id) from program_participants pp
        left join ticket_reservations r on r.participant_id = pp.id where not pp.is_active
        """,
    ) == (5, 0, 0)


def test_tickets_are_issued_in_the_names_of_participants_and_only_for_what_is_to_come(
    conn: psycopg.Connection,
) -> None:
    link(conn)
    assert (
        one(
            conn,
            """
        select count(*) from event_tickets t join ticket_reservations r on r.id = t.reservation_id
        join event_schedules s on s.id = r.schedule_id where s.ends_at <= now()
        """,
        )
        == 0
    )
    # a purchase of five by two people
    assert conn.execute(
        """
        select count(*) from event_tickets t join program_participants pp on pp.id = t.participant_id
        where t.reservation_id = (
            select r.id from ticket_reservations r join event_schedules s on s.id = r.schedule_id
            where r.quantity = 5 and s.ends_at > now() and r.status = 'confirmed' and r.booking_id is not null
        )
        group by t.participant_id, pp.ticket_quantity having count(*) = pp.ticket_quantity order by 1
        """
    ).fetchall() == [(2,), (3,)]


def test_a_pass_is_paid_for_once(conn: psycopg.Connection) -> None:
    link(conn)
    passes = conn.execute(
        """
        select count(*), sum(r.total_amount), count(p.id), sum(p.amount), count(r.booking_id) <= 1
        from ticket_reservations r left join ticket_payments p on p.reservation_id = r.id
        join program_participants pp on pp.id = r.participant_id
        where pp.subscription_type = 'monthly' group by pp.id
        """
    ).fetchall()
    assert len(passes) == 6
    for places, amount, payments, paid, at_most_one_booking in passes:
        assert places > 1
        assert payments == 1
        assert amount == paid == Decimal(3000)
        assert at_most_one_booking


def test_a_monthly_participant_has_a_pass_that_his_places_name(conn: psycopg.Connection) -> None:
    link(conn)
    for found in rows(
        conn,
        """
        select
            e.starts_on <= min(s.schedule_date) and e.ends_on >= max(s.schedule_date) as within, e.visits,
            count(*) as places, count(distinct s.event_definition_id) as events,
            min(s.event_definition_id) as event,
            e.event_definition_id, e.origin, bool_and(r.participant_id = e.participant_id) as his
        from event_passes e join ticket_reservations r on r.pass_id = e.id
        join event_schedules s on s.id = r.schedule_id
        group by e.id
        """,
    ):
        assert (found["within"], found["places"], found["events"]) == (True, found["visits"], 1)
        assert (found["event"], found["origin"], found["his"]) == (
            found["event_definition_id"],
            "legacy",
            True,
        )
    assert (
        one(
            conn,
            """
        select count(*) from ticket_reservations r join program_participants pp on pp.id = r.participant_id
        where (pp.subscription_type = 'monthly') <> (r.pass_id is not null)
        """,
        )
        == 0
    )


def test_passes_are_added_to_what_was_linked_before_there_were_any(conn: psycopg.Connection) -> None:
    counts = link(conn)
    columns = "participant_id, user_id, starts_on, ends_on, visits, price, status"
    before = rows(conn, f"select {columns} from event_passes order by 1")
    conn.execute("update ticket_reservations set pass_id = null")
    conn.execute("delete from event_passes")
    assert link(conn) == {**dict.fromkeys(STEPS, 0), "passes": counts["passes"]}
    assert rows(conn, f"select {columns} from event_passes order by 1") == before


def test_cancelling_an_imported_pass_gives_back_what_is_to_come(conn: psycopg.Connection) -> None:
    link(conn)
    for (pass_id,) in conn.execute("select id from event_passes order by id").fetchall():
        coming, places, price, paid_once = one(
            conn,
            """
            select count(*) filter (where s.starts_at > now()), count(*), e.price, count(p.id) = 1
            from event_passes e join ticket_reservations r on r.pass_id = e.id
            join event_schedules s on s.id = r.schedule_id
            left join ticket_payments p on p.reservation_id = r.id
            where e.id = %s
            group by e.id
            """,
            pass_id,
        )
        due = one(conn, "select refund_due from cancel_pass(%s)", pass_id)
        assert paid_once
        assert due == round(price * coming / places, 2)
    assert conn.execute("select * from verify_inventory()").fetchall() == []


def test_holder_of_an_imported_pass_who_gives_up_a_day_still_comes(conn: psycopg.Connection) -> None:
    link(conn)
    participant, place = one(
        conn,
        """
        select pp.id, max(r.id)
        from ticket_reservations r join program_participants pp on pp.id = r.participant_id
        join event_tickets t on t.reservation_id = r.id
        where r.pass_id is not null and pp.booking_id is null and r.status = 'confirmed'
        group by pp.id having count(*) > 1 limit 1
        """,
    )
    conn.execute("select from return_visit(%s)", [place])
    assert one(conn, "select is_active from program_participants where id = %s", participant)
    conn.execute("select cancel_pass(r.pass_id) from ticket_reservations r where r.id = %s", [place])
    assert not one(conn, "select is_active from program_participants where id = %s", participant)


def test_imported_sales_are_in_the_reports_to_the_paisa(conn: psycopg.Connection) -> None:
    link(conn)
    (kept,) = rows(
        conn,
        "select sum(amount) gross, sum(refund_due) refunds, count(*) payments from public.ticket_payments",
    )
    (told,) = rows(
        conn,
        "select sum(gross) gross, sum(refunds) refunds, sum(payments) payments from public.report_revenue()",
    )
    assert told == kept
    assert one(conn, "select sum(tickets_sold - tickets_returned) from public.report_sales()") == one(
        conn, "select sum(tickets_sold) from public.event_schedules"
    )


def test_imported_occurrences_have_one_attendance_in_all_reports(conn: psycopg.Connection) -> None:
    conn.execute("update public.program_participants set is_verified = id % 2 = 0")
    link(conn)
    by_view = rows(
        conn,
        """
        select v.schedule_id, v.attended, v.no_shows
        from public.v_attendance as v
        where v.status <> 'cancelled' and v.starts_at <= now()
        order by v.schedule_id
        """,
    )
    by_report = rows(
        conn,
        """
        select r.schedule_id, r.admitted as attended, r.no_shows
        from public.report_attendance() as r
        order by r.schedule_id
        """,
    )
    assert by_report == by_view
    assert sum(row["attended"] for row in by_view) > 0
    missing = one(conn, "select sum(n.no_shows) from public.report_no_shows() as n")
    assert missing == sum(row["no_shows"] or 0 for row in by_view) > 0


def test_progress_arrives_during_the_run(conn: psycopg.Connection) -> None:
    told: list[dict[str, Any]] = []
    conn.add_notice_handler(lambda notice: told.append(json.loads(notice.message_primary or "")))
    link(conn)
    assert {t["step"] for t in told} == set(STEPS)
    assert [s for n, s in enumerate(t["step"] for t in told) if n == 0 or told[n - 1]["step"] != s] == STEPS
    assert all(0 <= t["done"] <= t["of"] for t in told)


def test_two_runs_at_once_link_everything_once(conn: psycopg.Connection) -> None:
    with psycopg.connect(conn.info.dsn, password=conn.info.password) as other:
        first = link(other)
        conn.execute("set lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            link(conn)
        other.commit()
    assert min(first.values()) > 0
    assert link(conn) == dict.fromkeys(STEPS, 0)


def test_isolation_levels_that_cannot_see_others_are_refused(conn: psycopg.Connection) -> None:
    conn.execute("begin isolation level repeatable read")
    with pytest.raises(psycopg.Error) as refusal:
        link(conn)
    assert refusal.value.sqlstate == "PT400"
    assert json.loads(refusal.value.diag.message_detail or "")["reason"] == "invalid_argument"
    conn.rollback()
