"""What grows for ever costs no more than what is new: plans, pages read, and updates in place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median
from typing import Any

import psycopg
import pytest
from conftest import database
from factories import assert_sound, call, define, reserve, row, rows, schedule, value
from race_helpers import Client, Connect, crowd
from servers import Server

FEW, MANY = 1_000, 100_000


@pytest.fixture(scope="module")
def grown(server: Server, template: str) -> Iterator[psycopg.Connection]:
    """200 events of 20 types, 500 occurrences of each around today, and a lapsed hold on each of these."""
    with database(server, template) as name, psycopg.connect(server.database(name), autocommit=True) as tx:
        # a trigger for each of so many rows would take minutes
        tx.execute("set session_replication_role = replica")
        tx.execute(
            """
            insert into public.event_definitions (event_code, title, event_category, event_type, timezone)
            select 'e' || n, 'Event', 'wellness', 'type' || n % 20, 'UTC' from generate_series(1, 200) as n;

            insert into public.event_schedules (
                event_definition_id, schedule_date, start_time, end_time, max_tickets, starts_at, ends_at
            )
            select d.id, current_date + n, '07:00', '08:00', 16, current_date + n, current_date + n + 1
            from public.event_definitions as d, generate_series(-250, 249) as n;

            insert into ticketdb.seat_buckets (schedule_id, bucket, capacity, held)
            select s.id, 0, 16, 1 from public.event_schedules as s;

            insert into public.ticket_reservations (
                schedule_id, bucket, quantity, unit_price, total_amount, expires_at
            )
            select s.id, 0, 1, 0, 0, now() - interval '1 minute' from public.event_schedules as s;
            """
        )
        tx.execute("reset session_replication_role")
        assert_sound(tx)
        tx.execute("vacuum analyze")
        yield tx


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes of a plan, from the top."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def explain(tx: psycopg.Connection, statement: str, options: str = "costs off") -> list[dict[str, Any]]:
    return list(nodes(value(tx, f"explain ({options}, format json) {statement}")[0]["Plan"]))


# two hundred events are a page or two, and so are their ticket types
SMALL = ("event_definitions", "ticket_types")


def whole_tables(plan: list[dict[str, Any]]) -> list[str]:
    """The large tables that are read from one end to the other."""
    read = [node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"]
    return [table for table in read if table not in SMALL]


COMING = """
select * from public.v_event_availability where event_type = 'type7' and schedule_date < current_date + 30
"""


@pytest.mark.parametrize("query", [COMING, f"{COMING} and schedule_date >= current_date"])
def test_availability_of_the_next_days_of_a_type_is_read_by_index(
    grown: psycopg.Connection, query: str
) -> None:
    assert len(rows(grown, query)) == 300
    plan = explain(grown, query, "analyze, timing off")
    assert {"event_schedules", "seat_buckets"} <= {node.get("Relation Name") for node in plan}
    assert whole_tables(plan) == []
    read = [node for node in plan if node.get("Relation Name") == "event_schedules"]
    # at most those of all events in these days, perhaps a second time, and none of the past
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in read) <= 2 * 31 * 200


def test_the_judge_of_plans_sees_a_table_that_is_read_whole(grown: psycopg.Connection) -> None:
    with grown.transaction(force_rollback=True):
        grown.execute("drop index public.idx_event_schedules_definition")
        grown.execute("drop index public.idx_event_schedules_date")
        grown.execute("alter table public.event_schedules drop constraint one_schedule_per_start")
        assert "event_schedules" in whole_tables(explain(grown, COMING))


# Statements of the reserve path: the function, and the words that they begin and end with.
STATEMENTS = [
    ("hold_tickets", r"update ticketdb\.seat_buckets.*?(?= returning)"),
    ("find_offer", r"select o\.refusal.*?;"),
    ("type_offer", r"select.*;"),
    ("check_limits", r"select\s+coalesce\(sum.*?;"),
    ("find_idempotent_hold", r"select r\.id, r\.request.*?;"),
    ("free_seats", r"with buckets.*;"),
    ("lapsed_seats", r"select coalesce.*;"),
    ("move_seats", r"update ticketdb\.seat_buckets.*?;"),
    ("try_bucket", r"(?<=perform )from ticketdb\.seat_buckets.*?;"),
    ("gather_seats", r"select sum\(b\.capacity\).*?;"),
    ("deal_seats", r"with buckets.*;"),
    ("lock_buckets", r"select array_agg.*;"),
    ("expire_lapsed_holds", r"select array_agg.*?;"),
    ("lock_reservation", r"from public\.ticket_reservations.*?;"),
    ("count_sold_tickets", r"update public\.event_schedules.*?;"),
]
# parameters and variables that are not numbers
OTHERS = {
    "p_buckets": ("int[]", "'{0}'"),
    "v_buckets": ("int[]", "'{0}'"),
    "p_idempotency_key": ("text", "'key'"),
}


def prepare(tx: psycopg.Connection, function: str, pattern: str) -> str:
    """Prepare a statement of a function as the function itself does; returns an execution of it."""
    source = value(tx, "select prosrc from pg_proc where oid = to_regproc(%s)", f"ticketdb.{function}")
    found = re.search(pattern, re.sub(r"--[^\n]*", "", source), re.DOTALL)
    assert found, f"{function} has changed: adapt the words that find its statement"
    text = re.sub(r"\sinto (v_\w+(\.\w+)?(, )?)+", "\n", found[0].rstrip(";"))
    text = f"select {text}" if text.startswith("from") else text
    names = sorted(set(re.findall(r"\b[pv]_\w+", text)))
    for number, name in enumerate(names, start=1):
        text = re.sub(rf"\b{name}\b", f"(${number}::{OTHERS.get(name, ('int',))[0]})", text)
    tx.execute("deallocate all")
    tx.execute(f"prepare it as {text}".encode())
    return f"execute it ({', '.join(OTHERS[name][1] if name in OTHERS else '1' for name in names)})"


@pytest.mark.parametrize(("function", "pattern"), STATEMENTS, ids=[function for function, _ in STATEMENTS])
@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
def test_statements_of_a_reservation_read_by_index(
    grown: psycopg.Connection, function: str, pattern: str, mode: str
) -> None:
    with grown.transaction(force_rollback=True):
        # somebody waits for every tenth occurrence
        grown.execute(
            """
            set local session_replication_role = replica;
            insert into public.event_waitlist (schedule_id, user_id, quantity)
            select s.id, s.id % 1000, 1 from public.event_schedules as s where s.id % 10 = 0;
            set local session_replication_role = origin;
            analyze public.event_waitlist
            """
        )
        grown.execute(f"set local plan_cache_mode = {mode}")
        plan = explain(grown, prepare(grown, function, pattern))
        assert any("Index" in node["Node Type"] for node in plan)
        assert whole_tables(plan) == []


def pages_of_a_reservation(tx: psycopg.Connection, schedule_id: int) -> float:
    """Pages that a reservation touches, usually: now and then one splits a page of an index."""
    statement = f"select * from public.reserve_tickets({schedule_id})"
    touched = []
    # the first few read the catalogs, too
    for _ in range(30):
        top = explain(tx, statement, "analyze, buffers, timing off")[0]
        touched.append(top["Shared Hit Blocks"] + top["Shared Read Blocks"])
    return median(touched[10:])


def sell_in_bulk(tx: psycopg.Connection, schedule_id: int, number: int) -> None:
    """Paid orders of one, as if sold one by one, without the time that this would take."""
    tx.execute("set session_replication_role = replica")
    for statement in (
        """
        insert into public.ticket_reservations (
            schedule_id, bucket, quantity, unit_price, total_amount, status, expires_at
        )
        select %(schedule)s, n %% 64, 1, 0, 0, 'confirmed', now() from generate_series(1, %(number)s) as n
        """,
        """
        update ticketdb.seat_buckets as b
        set sold = b.sold + (
            select count(*) from generate_series(1, %(number)s) as n where n %% 64 = b.bucket
        )
        where b.schedule_id = %(schedule)s
        """,
        "update public.event_schedules set tickets_sold = tickets_sold + %(number)s where id = %(schedule)s",
    ):
        tx.execute(statement, {"schedule": schedule_id, "number": number})
    tx.execute("reset session_replication_role")
    # what autovacuum does in time
    tx.execute("vacuum analyze ticketdb.seat_buckets, public.event_schedules, public.ticket_reservations")


def pages_of_reservations(tx: psycopg.Connection) -> tuple[float, float]:
    """Pages that a reservation touches with a few reservations of the same occurrence, and with many."""
    class_ = schedule(tx, max_tickets=4 * MANY)
    reserve(tx, class_)
    pages = []
    for number in (FEW, MANY - FEW):
        sell_in_bulk(tx, class_, number)
        pages.append(pages_of_a_reservation(tx, class_))
    return pages[0], pages[1]


def check_pages_stay(pages: tuple[float, float]) -> None:
    few, many = pages
    assert many <= few * 1.3


def test_reservation_touches_as_many_pages_with_many_reservations_as_with_few(connect: Connect) -> None:
    tx = connect()
    check_pages_stay(pages_of_reservations(tx))
    # what was sold in bulk has no tickets
    assert not rows(tx, "select from public.verify_inventory() where problem not like 'valid tickets%'")


def test_reservation_touches_more_pages_when_seats_are_counted_anew(connect: Connect) -> None:
    """How it would be with a count of reservations in place of counters."""
    tx = connect()
    source = value(tx, "select pg_get_functiondef('ticketdb.hold_tickets'::regproc)")
    count = "perform count(*) from public.ticket_reservations as r where r.schedule_id = p_schedule_id;"
    tx.execute(re.sub(r"\nbegin\n", f"\nbegin\n{count}\n", source, count=1).encode())
    with pytest.raises(AssertionError):
        check_pages_stay(pages_of_reservations(tx))


GROWING = [
    "public.event_schedules",
    "public.event_tickets",
    "public.ticket_check_ins",
    "public.ticket_payments",
    "public.ticket_reservations",
    "ticketdb.seat_buckets",
]


@pytest.mark.parametrize("table", GROWING)
def test_autovacuum_of_a_growing_table_waits_for_a_number_of_rows_not_for_a_share(
    tx: psycopg.Connection, table: str
) -> None:
    """A fifth of ten million rows is two million dead ones."""
    options = dict(
        rows(
            tx,
            """
            select o.option_name, o.option_value
            from pg_class as c, pg_options_to_table(c.reloptions) as o
            where c.oid = %s::regclass
            """,
            table,
        )
    )
    vacuums = [name for name in options if re.fullmatch(r"autovacuum_vacuum(_insert)?_threshold", name)]
    assert vacuums
    assert [options[name.replace("threshold", "scale_factor")] for name in vacuums] == ["0"] * len(vacuums)


def updates_in_place(connect: Connect) -> dict[str, float]:
    """Four clients sell, pay and let in, a transaction each; the share of updates that touched no index."""
    admin = connect()
    class_ = schedule(admin, define(admin), max_tickets=1000)

    def sell(client: Client, number: int) -> None:
        for turn in range(75):
            held = client.reserve(class_)
            for code in client.confirm(held.reservation_id, f"pay-{number}-{turn}").ticket_codes:
                assert call(client.connection, "check_in", code).result == "admitted"
        client.ask("select pg_stat_force_next_flush()")

    clients = [Client(connect()) for _ in range(4)]
    crowd([lambda c=c, n=n: sell(c, n) for n, c in enumerate(clients)])
    # what a client counted is there when it has gone
    for client in clients:
        client.connection.close()
    shares = {}
    for table, least in (("seat_buckets", 600), ("event_schedules", 300), ("event_tickets", 300)):
        seen = row(
            admin,
            "select n_tup_upd as all, n_tup_hot_upd as hot from pg_stat_user_tables where relname = %s",
            table,
        )
        assert seen.all >= least
        shares[table] = seen.hot / seen.all
    return shares


def test_updates_of_a_sale_touch_no_index(connect: Connect) -> None:
    shares = updates_in_place(connect)
    assert min(shares.values()) > 0.9, shares


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("ticketdb.seat_buckets", "held"),
        ("public.event_schedules", "tickets_sold"),
        ("public.event_tickets", "scan_count"),
    ],
)
def test_updates_of_a_sale_touch_an_index_on_what_they_change(
    connect: Connect, table: str, column: str
) -> None:
    connect().execute(f"create index on {table} ({column})")
    assert updates_in_place(connect)[table.partition(".")[2]] < 0.1
