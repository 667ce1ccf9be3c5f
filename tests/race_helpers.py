"""Clients of a race: their statements run in threads, and their answers are rows or refusals."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import namedtuple_row

Connect = Callable[..., psycopg.Connection]
PATIENCE = 10.0  # seconds after which something that should happen counts as stuck


class Refusal(NamedTuple):
    """An error of the database, as an answer."""

    sqlstate: str
    reason: str | None


SOLD_OUT = Refusal("PT409", "sold_out")
TYPE_SOLD_OUT = Refusal("PT409", "ticket_type_sold_out")
ALREADY_CONFIRMED = Refusal("PT409", "already_confirmed")
REFERENCE_REUSED = Refusal("PT409", "payment_reference_reused")
BELOW_SOLD = Refusal("PT409", "capacity_below_sold")
BAD_ISOLATION = Refusal("PT400", "invalid_argument")


class Client:
    """A connection of its own; answers are rows or refusals, never exceptions of the database."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.pid = connection.info.backend_pid
        self.pending: Future[Any] | None = None

    def ask(self, statement: str, *parameters: Any) -> Any:
        """The first row, None, or a Refusal. A lost connection is no answer and raises."""
        try:
            with self.connection.cursor(row_factory=namedtuple_row) as cursor:
                cursor.execute(statement, parameters)
                return cursor.fetchone() if cursor.description else None
        except psycopg.Error as error:
            if self.connection.closed:
                raise psycopg.OperationalError("the connection is lost") from error
            if error.sqlstate is None:
                raise
            detail = error.diag.message_detail or ""
            return Refusal(error.sqlstate, json.loads(detail)["reason"] if detail.startswith("{") else None)

    def start(self, action: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        """Begin an action in a thread; `finish` gives its answer."""
        future: Future[Any] = Future()

        def run() -> None:
            try:
                future.set_result(action(*arguments, **options))
            except BaseException as error:
                future.set_exception(error)

        self.pending = future
        threading.Thread(target=run, daemon=True).start()

    def finish(self) -> Any:
        """The answer of the action that was started."""
        assert self.pending is not None
        return self.pending.result(PATIENCE)

    def begin(self, isolation: str = "read committed") -> None:
        self.ask(f"begin isolation level {isolation}")

    def commit(self) -> None:
        self.ask("commit")

    def rollback(self) -> None:
        self.ask("rollback")

    def reserve(
        self,
        schedule: int,
        quantity: int = 1,
        *,
        ticket_type: int | None = None,
        key: str | None = None,
        hold_for: str | None = None,
    ) -> Any:
        return self.ask(
            """
            select * from public.reserve_tickets(
                p_schedule_id => %s, p_quantity => %s, p_ticket_type_id => %s, p_idempotency_key => %s,
                p_hold_for => %s
            )
            """,
            schedule, quantity, ticket_type, key, hold_for,
        )  # fmt: skip

    def confirm(self, reservation: int, reference: str) -> Any:
        return self.ask("select * from public.confirm_reservation(%s, %s)", reservation, reference)

    def release(self, reservation: int) -> Any:
        return self.ask("select * from public.release_reservation(%s)", reservation)

    def cancel(self, reservation: int) -> Any:
        return self.ask("select * from public.cancel_reservation(%s)", reservation)

    def book(self, schedule: int, reference: str, *, status: str = "pending", attendees: int = 1) -> Any:
        """What the application does: a booking that names an occurrence. Answers its id."""
        return self.ask(
            """
            insert into public.bookings (
                booking_reference, start_datetime, end_datetime, attendees, status, total_amount,
                event_schedule_id
            )
            select %s, s.start_datetime, s.end_datetime, %s, %s, 100 * %s, s.id
            from public.event_schedules as s
            where s.id = %s
            returning id
            """,
            reference, attendees, status, attendees, schedule,
        )  # fmt: skip

    def set_booking(self, booking: int, status: str, attendees: int | None = None) -> Any:
        return self.ask(
            """
            update public.bookings
            set status = %s, attendees = coalesce(%s, attendees)
            where id = %s
            returning id
            """,
            status, attendees, booking,
        )  # fmt: skip

    def set_capacity(self, schedule: int, capacity: int) -> Any:
        return self.ask(
            "update public.event_schedules set max_tickets = %s where id = %s returning max_tickets",
            capacity, schedule,
        )  # fmt: skip

    def set_limit(self, ticket_type: int, limit: int | None) -> Any:
        return self.ask(
            "update public.ticket_types set max_quantity = %s where id = %s returning max_quantity",
            limit, ticket_type,
        )  # fmt: skip


def wait_until_alone(client: Client) -> None:
    """Wait until nobody else is connected: a killed client's statement may still be running."""
    deadline = time.monotonic() + PATIENCE
    others = """
    select count(*) as others
    from pg_stat_activity as a
    where a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
    """
    while client.ask(others).others:
        if time.monotonic() > deadline:
            raise TimeoutError("somebody is still connected")
        time.sleep(0.01)


def crowd(actions: Sequence[Callable[[], Any]]) -> list[Any]:
    """The results of actions that all begin at the same moment, each in a thread."""
    barrier = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        barrier.wait(PATIENCE)
        return action()

    with ThreadPoolExecutor(len(actions)) as threads:
        return [future.result() for future in [threads.submit(run, action) for action in actions]]
