"""The main job from start to end: a real application's database becomes one that cannot oversell.

Everything happens on an embedded server that is thrown away afterwards.
"""

import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib.resources import files

import psycopg
from rich.console import Console
from rich.table import Table

from ticketdb import SoldOut, TicketDB
from ticketdb._resources import sql_dir
from ticketdb.embedded import EmbeddedServer
from ticketdb.migrate import migrate
from ticketdb.models import EventAvailability, Reservation

BUYERS = 60
PAYERS_AT_ONCE = 24
HOLD = timedelta(seconds=4)


def run(console: Console) -> None:
    """Show it; `SystemExit` when something is not as promised."""
    started = time.monotonic()
    with EmbeddedServer() as server:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            admin.execute("create database venue")
        dsn = server.dsn("venue")
        _load_application(console, dsn)
        _migrate(console, dsn)
        with TicketDB(dsn) as db:
            _link(console, db)
            _generate(console, db)
            problems = _race(console, dsn, db)
            problems += _verify(console, db)
    _next_steps(console, time.monotonic() - started)
    if problems:
        raise SystemExit(f"demo: {'; '.join(problems)}")


def _heading(console: Console, text: str) -> None:
    console.print(f"\n[bold]{text}[/bold]")


def _load_application(console: Console, dsn: str) -> None:
    _heading(console, "1. A venue's application, before ticketdb")
    with psycopg.connect(dsn) as connection:
        connection.execute(files("ticketdb").joinpath("data/sample_app.sql").read_bytes())
        for what, count in connection.execute(
            "select 'bookings', count(*) from public.bookings union all "
            "select 'participants', count(*) from public.program_participants"
        ):
            console.print(f"   {count} {what}")
        notes = connection.execute(
            "select distinct customer_note from public.bookings "
            "where is_admin_booking and booking_type like 'live-%' and customer_note is not null "
            "order by 1 limit 3"
        )
        console.print("   ticket counts are kept in notes such as:")
        for (note,) in notes:
            console.print(f"     {note}", markup=False)


def _migrate(console: Console, dsn: str) -> None:
    _heading(console, "2. ticketdb migrate")
    applied = migrate(dsn).applied
    console.print(f"   {len(applied)} migrations applied; the application's rows are as they were")


def _link(console: Console, db: TicketDB) -> None:
    _heading(console, "3. ticketdb link-legacy")
    linked = Table(show_header=False, box=None, padding=(0, 3))
    for step in db.link_legacy_data():
        linked.add_row(step.step, str(step.rows))
    console.print(linked)
    console.print("   what could not be linked, or only with a doubt (table legacy_link_issues):")
    issues = Table(show_header=False, box=None, padding=(0, 3))
    for problem, count, example in db.connection.execute(
        "select problem, count(*), "
        "(array_agg(format('%s %s: %s', source_table, source_id, detail) order by id))[1] "
        "from public.legacy_link_issues group by problem order by problem"
    ):
        issues.add_row(problem, str(count), f"[dim]{_shorten(example)}[/dim]")
    console.print(issues)


def _shorten(text: str, width: int = 90) -> str:
    text = text.replace("[", "(").replace("]", ")")
    return text if len(text) <= width else text[: width - 1] + "…"


def _generate(console: Console, db: TicketDB) -> None:
    _heading(console, "4. ticketdb seed wellness; ticketdb generate yoga-morning, zumba-morning")
    db.connection.execute((sql_dir() / "seeds" / "wellness.sql").read_bytes())
    for code, definition_id, first, last in db.connection.execute(
        "select d.event_code, d.id, current_date, current_date + 29 from public.event_definitions as d "
        "where d.event_code in ('yoga-morning', 'zumba-morning') order by 1"
    ).fetchall():
        count = db.generate_recurring_schedules(definition_id, first, last)
        console.print(f"   {code}: {count} schedules from {first} to {last}")


def _tomorrows_yoga(db: TicketDB) -> EventAvailability:
    classes = (c for c in db.event_availability(event_type="yoga") if c.event_code == "yoga-morning")
    return next(c for c in classes if c.tickets_available == c.max_tickets)


def _show_availability(console: Console, db: TicketDB, schedule_id: int, when: str) -> EventAvailability:
    now = next(c for c in db.event_availability(event_type="yoga") if c.schedule_id == schedule_id)
    console.print(
        f"   {when:<34} capacity {now.max_tickets:>3}   sold {now.tickets_sold:>3}"
        f"   held {now.tickets_held:>3}   available {now.tickets_available:>3}"
    )
    return now


def _race(console: Console, dsn: str, db: TicketDB) -> list[str]:
    target = _tomorrows_yoga(db)
    _heading(
        console, f"5. {BUYERS} buyers, {target.max_tickets} places: {target.title}, {target.schedule_date}"
    )
    schedule_id = target.schedule_id
    _show_availability(console, db, schedule_id, "before")

    winners = _rush(dsn, schedule_id, BUYERS)
    refused = BUYERS - len(winners)
    console.print(f"   {BUYERS} reserve at once: {len(winners)} hold a place, {refused} read sold_out")
    for hold in winners[:PAYERS_AT_ONCE]:
        db.confirm_reservation(hold.reservation_id, f"demo-{hold.reservation_code}")
    lapsing = winners[PAYERS_AT_ONCE:]
    _show_availability(console, db, schedule_id, f"{PAYERS_AT_ONCE} paid, {len(lapsing)} walked away")

    time.sleep(max(0.0, (lapsing[-1].expires_at.timestamp() if lapsing else 0) - time.time()) + 0.2)
    _show_availability(console, db, schedule_id, "their holds lapsed, nobody swept")
    late = _rush(dsn, schedule_id, refused)
    for hold in late:
        db.confirm_reservation(hold.reservation_id, f"demo-{hold.reservation_code}")
    _show_availability(console, db, schedule_id, f"the other {refused} try again")

    cancelled = db.cancel_reservation(winners[0].reservation_id, "caught a cold")
    _show_availability(console, db, schedule_id, f"one {cancelled.status}")
    last = db.reserve_tickets(schedule_id, contact={"name": "Tara Bose"})
    db.confirm_reservation(last.reservation_id, f"demo-{last.reservation_code}")
    after = _show_availability(console, db, schedule_id, "and the place is sold again")

    people = sum(1 for person in db.schedule_participants(schedule_id) if person.is_active)
    console.print(f"   exactly {after.tickets_sold} sold; {people} participants on the list")
    if after.tickets_sold != after.max_tickets:
        return [f"{after.tickets_sold} tickets sold of {after.max_tickets}"]
    return []


def _rush(dsn: str, schedule_id: int, buyers: int) -> list[Reservation]:
    """Let so many buyers reserve one ticket each at the same moment; return what they got, in no order."""
    gate = threading.Barrier(buyers)

    def buy(number: int) -> Reservation | None:
        with TicketDB(dsn) as buyer:
            gate.wait(timeout=60)
            try:
                return buyer.reserve_tickets(schedule_id, hold_for=HOLD, contact={"name": f"Buyer {number}"})
            except SoldOut:
                return None

    with ThreadPoolExecutor(buyers) as pool:
        got: Sequence[Reservation | None] = list(pool.map(buy, range(1, buyers + 1)))
    holds = [hold for hold in got if hold is not None]
    random.shuffle(holds)
    return holds


def _verify(console: Console, db: TicketDB) -> list[str]:
    _heading(console, "6. ticketdb verify")
    problems = db.verify_inventory()
    for problem in problems:
        console.print(f"   {problem}", markup=False)
    if problems:
        return [f"{len(problems)} counters differ from their rows"]
    console.print("   every counter equals the rows it stands for")
    return []


def _next_steps(console: Console, seconds: float) -> None:
    _heading(console, f"Done in {seconds:.0f} s. Three commands to try next:")
    for command, what in (
        ("ticketdb up", "a server for this folder that keeps its data; prints its DSN"),
        (
            "ticketdb migrate --dsn DSN",
            "put ticketdb into a database of yours (--dry-run shows what it would do)",
        ),
        ("ticketdb link-legacy --dry-run --dsn DSN", "what your own bookings would become; writes nothing"),
    ):
        console.print(f"   {command:<42} {what}", markup=False)
