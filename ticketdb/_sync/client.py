"""The client. Input and output happen in `_fetch_one` and `_fetch_all` alone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import psycopg

from ticketdb import _statements as statements
from ticketdb import errors
from ticketdb._statements import Statement
from ticketdb.models import (
    Availability,
    Cancellation,
    CheckIn,
    Confirmation,
    EventAvailability,
    InventoryProblem,
    LinkStep,
    Reservation,
    ScheduleParticipant,
    SchedulePreview,
)

Row = TypeVar("Row")


class TicketDB:
    """ticketdb's functions and views as methods.

    Given a DSN it opens a connection in autocommit mode, so that each call is its own transaction, and closes
    it at the end of the `with` block.

    Given a connection of yours it neither commits nor closes it nor changes its settings. A call is part of
    the transaction that you have open; after an error it is for you to roll back, best to a savepoint
    (`with connection.transaction():`). An idle connection that is not in autocommit mode starts a transaction
    with the first call, as with every statement of psycopg.
    """

    def __init__(self, dsn_or_connection: str | psycopg.Connection[Any]) -> None:
        self._owns_connection = isinstance(dsn_or_connection, str)
        if isinstance(dsn_or_connection, str):
            self.connection: psycopg.Connection[Any] = psycopg.connect(
                dsn_or_connection, autocommit=True, fallback_application_name="ticketdb"
            )
            self._fetch_all(statements.PIN_SESSION, ())
        else:
            self.connection = dsn_or_connection

    def close(self) -> None:
        """Close the connection, if it was opened here."""
        if self._owns_connection:
            self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def generate_recurring_schedules(self, event_definition_id: int, start_date: date, end_date: date) -> int:
        """Insert the missing occurrences of a period, both ends included; return their number."""
        return self._fetch_one(
            statements.GENERATE_RECURRING_SCHEDULES, (event_definition_id, start_date, end_date)
        )

    def preview_recurring_schedules(
        self, event_definition_id: int, start_date: date, end_date: date
    ) -> list[SchedulePreview]:
        """What `generate_recurring_schedules` would insert, and what is there already; writes nothing."""
        return self._fetch_all(
            statements.PREVIEW_RECURRING_SCHEDULES, (event_definition_id, start_date, end_date)
        )

    def check_ticket_availability(
        self, schedule_id: int, quantity: int = 1, ticket_type_id: int | None = None
    ) -> Availability:
        """Whether so many tickets can be bought now. Takes nothing: another buyer may be faster."""
        return self._fetch_one(statements.CHECK_TICKET_AVAILABILITY, (schedule_id, quantity, ticket_type_id))

    def reserve_tickets(
        self,
        schedule_id: int,
        quantity: int = 1,
        ticket_type_id: int | None = None,
        user_id: int | None = None,
        hold_for: timedelta | None = None,
        idempotency_key: str | None = None,
        contact: Mapping[str, Any] | None = None,
    ) -> Reservation:
        """Take tickets out of sale until paid, or until the hold lapses (by default in 15 minutes)."""
        return self._fetch_one(
            statements.RESERVE_TICKETS,
            (
                schedule_id,
                quantity,
                ticket_type_id,
                user_id,
                hold_for,
                idempotency_key,
                statements.jsonb(contact),
            ),
        )

    def confirm_reservation(
        self,
        reservation_id: int,
        payment_reference: str,
        amount: Decimal | None = None,
        participants: Sequence[Mapping[str, Any]] | None = None,
    ) -> Confirmation:
        """Record that the payment arrived, and turn the hold into tickets."""
        return self._fetch_one(
            statements.CONFIRM_RESERVATION,
            (reservation_id, payment_reference, amount, statements.jsonb(participants)),
        )

    def release_reservation(self, reservation_id: int) -> Reservation:
        """Give up a hold that is not paid."""
        return self._fetch_one(statements.RELEASE_RESERVATION, (reservation_id,))

    def cancel_reservation(self, reservation_id: int, reason: str | None = None) -> Cancellation:
        """Take a paid reservation back: its tickets become void and its seats go back on sale."""
        return self._fetch_one(statements.CANCEL_RESERVATION, (reservation_id, reason))

    def reserve_series(
        self,
        event_definition_id: int,
        start_date: date,
        end_date: date,
        quantity: int = 1,
        user_id: int | None = None,
        idempotency_key: str | None = None,
        contact: Mapping[str, Any] | None = None,
    ) -> list[Reservation]:
        """Reserve every occurrence of a period, or none: a pass. Both ends are included."""
        return self._fetch_all(
            statements.RESERVE_SERIES,
            (
                event_definition_id,
                start_date,
                end_date,
                quantity,
                user_id,
                idempotency_key,
                statements.jsonb(contact),
            ),
        )

    def check_in(
        self,
        ticket_code: UUID | str,
        schedule_id: int | None = None,
        gate: str | None = None,
        scan_id: UUID | None = None,
        scanned_at: datetime | None = None,
    ) -> CheckIn:
        """Let the holder of a ticket in, once. The same `scan_id` twice is one scan."""
        return self._fetch_one(statements.CHECK_IN, (ticket_code, schedule_id, gate, scan_id, scanned_at))

    def run_maintenance(self, horizon_days: int = 30) -> dict[str, int]:
        """Do what is late, a bounded number of each kind; return how many of each."""
        return self._fetch_one(statements.RUN_MAINTENANCE, (horizon_days,))

    def link_legacy_data(self, dry_run: bool = False) -> list[LinkStep]:
        """Make events, occurrences and reservations of the application's own bookings and participants."""
        return self._fetch_all(statements.LINK_LEGACY_DATA, (dry_run,))

    def verify_inventory(self) -> list[InventoryProblem]:
        """Recompute every counter from its rows; an empty list means that all is well."""
        return self._fetch_all(statements.VERIFY_INVENTORY, ())

    def event_availability(
        self, event_type: str | None = None, from_date: date | None = None, to_date: date | None = None
    ) -> Iterator[EventAvailability]:
        """Occurrences on sale, in order of time; both dates are included."""
        return iter(self._fetch_all(*statements.event_availability(event_type, from_date, to_date)))

    def schedule_participants(self, schedule_id: int) -> Iterator[ScheduleParticipant]:
        """Who comes to an occurrence, by name."""
        return iter(self._fetch_all(statements.SCHEDULE_PARTICIPANTS, (schedule_id,)))

    def _fetch_one(self, statement: Statement[Row], parameters: Sequence[Any]) -> Row:
        return self._fetch_all(statement, parameters)[0]

    def _fetch_all(self, statement: Statement[Row], parameters: Sequence[Any]) -> list[Row]:
        # a plain Cursor, whatever kind the caller's connection makes by itself
        try:
            with psycopg.Cursor(self.connection, row_factory=statement.row) as cursor:
                return cursor.execute(statement.sql, parameters).fetchall()
        except psycopg.Error as error:
            ours = errors.from_database(error)
            if ours is None:
                raise
            raise ours from error
