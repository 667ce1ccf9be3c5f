"""The client. What it sends, `_statements` knows; on which connection, `sources`."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from ticketdb import _schema, errors, retry
from ticketdb import _statements as statements
from ticketdb._async.sources import AsyncPool, GivenConnection, OwnConnection, PooledConnections
from ticketdb._statements import Statement
from ticketdb._waiting import asleep
from ticketdb.models import (
    Attendance,
    AttendanceOfSchedule,
    Availability,
    BatchScan,
    Cancellation,
    CheckIn,
    Confirmation,
    EventAvailability,
    ImportedEvent,
    InventoryProblem,
    LinkStep,
    MaintenanceJob,
    MovedSchedule,
    NoShow,
    Notification,
    NotificationResult,
    NotificationRetry,
    Occupancy,
    Pass,
    PassChange,
    PassVisit,
    Refund,
    RefundDue,
    Reservation,
    RevenueOfType,
    SalesOfDay,
    ScheduleCancellation,
    ScheduleChange,
    ScheduleParticipant,
    SchedulePreview,
    ShiftedSchedule,
    Ticket,
    TimeSlot,
    Waiting,
    WaitlistEntry,
)
from ticketdb.retry import Retry

Row = TypeVar("Row")


class AsyncTicketDB:
    """ticketdb's functions and views as methods.

    Given a DSN it opens a connection in autocommit mode, so that each call is its own transaction, and closes
    it at the end of the `with` block. If it is lost, the next call opens another. It may lead through a
    pooler in transaction mode; where it does not, `prepare_threshold=5`, psycopg's default, makes calls a
    little faster.

    Given a connection of yours it neither commits nor closes it nor changes its settings. A call is part of
    the transaction that you have open, in a savepoint: if it is refused, it alone is undone, and you go on or
    roll back as you like. A connection that is not in autocommit mode starts a transaction with the first
    call, as with every statement of psycopg, and it is for you to commit it.

    Given a pool of psycopg_pool's, each call is a transaction on a connection that is lent for it.

    With `retry` a call that met a deadlock or a lost connection is sent again, unless it is part of a
    transaction of yours, and only if doing it twice does no more than doing it once: `reserve_tickets` and
    `reserve_series` with an idempotency key, `check_in` with a scan id, `join_waitlist` for a user, and
    everything else.

    Connecting by a DSN raises `SchemaMismatch` where the schema is not of this package's age, unless
    `check_schema` is false; for a connection or a pool there is the method `check_schema`.
    """

    def __init__(
        self,
        database: str | AsyncConnection[Any] | AsyncPool,
        *,
        retry: Retry | None = None,
        check_schema: bool = True,
        prepare_threshold: int | None = None,
    ) -> None:
        """Take a DSN, a connection or a pool."""
        self._retry = retry
        self._source: OwnConnection | GivenConnection | PooledConnections
        if isinstance(database, str):
            self._source = OwnConnection(database, check_schema, prepare_threshold)
        elif isinstance(database, AsyncConnection):
            self._source = GivenConnection(database)
        elif hasattr(database, "check"):
            self._source = PooledConnections(database)
        else:
            # another kind of connection, most likely
            raise TypeError(f"a DSN, a connection or a pool of this client's kind, not {type(database)}")

    @property
    def connection(self) -> AsyncConnection[Any]:
        """The connection, for statements of your own.

        One that was opened here is replaced when it is lost, and its settings with it. For several calls in
        one transaction give the client a connection of yours.
        """
        return self._source.connection

    async def open(self) -> None:
        """Connect, as `with` does; without either the first call does it."""
        await self._source.open()

    async def close(self) -> None:
        """Close the connection, if it was opened here."""
        await self._source.close()

    async def __aenter__(self) -> Self:
        """Connect."""
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connection, if it was opened here."""
        await self.close()

    async def check_schema(self) -> None:
        """Raise SchemaMismatch, which says what to run, unless the schema is of this package's age."""
        _schema.refuse_unless_same(await self._fetch_one(statements.NEWEST_MIGRATION, ()))

    async def generate_recurring_schedules(
        self, event_definition_id: int, start_date: date, end_date: date
    ) -> int:
        """Insert the missing occurrences of a period, both ends included; return their number.

        Those whose space is taken are left out; `preview_recurring_schedules` tells by whom.
        """
        return await self._fetch_one(
            statements.GENERATE_RECURRING_SCHEDULES, (event_definition_id, start_date, end_date)
        )

    async def preview_recurring_schedules(
        self, event_definition_id: int, start_date: date, end_date: date
    ) -> list[SchedulePreview]:
        """What `generate_recurring_schedules` would insert, and what is there already; writes nothing."""
        return await self._fetch_all(
            statements.PREVIEW_RECURRING_SCHEDULES, (event_definition_id, start_date, end_date)
        )

    async def get_available_time_slots(
        self,
        space_id: int,
        date: date,
        slot_minutes: int = 60,
        opens: time = time(6),
        closes: time = time(22),
    ) -> list[TimeSlot]:
        """The slots of a day in a space, free or taken, each of `slot_minutes`, from `opens` to `closes`.

        Times are those of the clock in the database's time zone. Refused with SpaceNotFound, InvalidArgument.
        """
        return await self._fetch_all(
            statements.GET_AVAILABLE_TIME_SLOTS, (space_id, date, slot_minutes, opens, closes)
        )

    async def expand_rrule(
        self, rrule: str, dtstart: datetime, from_: datetime, to: datetime
    ) -> list[datetime]:
        """The local times at which a rule of RFC 5545 takes place in a period, both ends included.

        `dtstart` is its first start. Times are those of a clock, without a zone. Raises InvalidRecurrence.
        """
        return await self._fetch_all(statements.EXPAND_RRULE, (rrule, dtstart, from_, to))

    async def describe_rrule(self, rrule: str) -> str:
        """A rule of RFC 5545 in English. Raises InvalidRecurrence."""
        return await self._fetch_one(statements.DESCRIBE_RRULE, (rrule,))

    async def list_moved_schedules(self) -> list[ShiftedSchedule]:
        """Coming occurrences whose instants are not what the server's time zones say now."""
        return await self._fetch_all(statements.LIST_MOVED_SCHEDULES, ())

    async def move_unsold_schedules(self) -> int:
        """Move those of `list_moved_schedules` that nobody has a ticket for; return their number."""
        return await self._fetch_one(statements.MOVE_UNSOLD_SCHEDULES, ())

    async def check_ticket_availability(
        self, schedule_id: int, quantity: int = 1, ticket_type_id: int | None = None
    ) -> Availability:
        """Whether so many tickets can be bought now. Takes nothing: another buyer may be faster."""
        return await self._fetch_one(
            statements.CHECK_TICKET_AVAILABILITY, (schedule_id, quantity, ticket_type_id)
        )

    async def reserve_tickets(
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
        return await self._fetch_one(
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

    async def confirm_reservation(
        self,
        reservation_id: int,
        payment_reference: str,
        amount: Decimal | None = None,
        participants: Sequence[Mapping[str, Any]] | None = None,
    ) -> Confirmation:
        """Record that the payment arrived, and turn the hold into tickets."""
        return await self._fetch_one(
            statements.CONFIRM_RESERVATION,
            (reservation_id, payment_reference, amount, statements.jsonb(participants)),
        )

    async def release_reservation(self, reservation_id: int) -> Reservation:
        """Give up a hold that is not paid."""
        return await self._fetch_one(statements.RELEASE_RESERVATION, (reservation_id,))

    async def cancel_reservation(self, reservation_id: int, reason: str | None = None) -> Cancellation:
        """Take a paid reservation back: its tickets become void and its seats go back on sale."""
        return await self._fetch_one(statements.CANCEL_RESERVATION, (reservation_id, reason))

    async def reserve_series(
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
        return await self._fetch_all(
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

    async def move_reservation(self, reservation_id: int, schedule_id: int) -> Confirmation:
        """Give a paid reservation a place in another occurrence, with the same tickets; or change nothing.

        One that was cancelled gets the place instead of its refund, as long as that was not paid out.
        """
        return await self._fetch_one(statements.MOVE_RESERVATION, (reservation_id, schedule_id))

    async def settle_refund(
        self, payment_reference: str, refund_reference: str, amount: Decimal | None = None
    ) -> Refund:
        """Record that what was due of a payment was paid back; any other amount raises AmountMismatch."""
        return await self._fetch_one(statements.SETTLE_REFUND, (payment_reference, refund_reference, amount))

    async def change_schedules(
        self,
        event_definition_id: int,
        changes: Mapping[str, Any],
        scope: str = "all_future",
        schedule_id: int | None = None,
        include_sold: bool = False,
        include_changed: bool = False,
        dry_run: bool = False,
    ) -> list[ScheduleChange]:
        """Give occurrences another time, length, price, capacity or space.

        `changes` takes `start_time`, `end_time`, `extra_days`, `ticket_price`, `max_tickets`, `space_id`.
        Times are local, as `"08:00"`; `extra_days` are full days beyond `end_time`; prices are numbers or
        text. `scope` is `all_future`, or `this_and_following` or `this` with a schedule; the first two
        change the event too. What is sold, held or has values of its own is kept unless included; `dry_run`
        lists all of it and changes nothing.
        """
        return await self._fetch_all(
            statements.CHANGE_SCHEDULES,
            (
                event_definition_id,
                statements.jsonb(changes),
                scope,
                schedule_id,
                include_sold,
                include_changed,
                dry_run,
            ),
        )

    async def move_schedule(
        self,
        schedule_id: int,
        schedule_date: date | None = None,
        start_time: time | None = None,
        end_time: time | None = None,
        space_id: int | None = None,
        reason: str | None = None,
    ) -> MovedSchedule:
        """Let an occurrence take place at another local time or in another space; its holders are told."""
        return await self._fetch_one(
            statements.MOVE_SCHEDULE, (schedule_id, schedule_date, start_time, end_time, space_id, reason)
        )

    async def cancel_schedule(self, schedule_id: int, reason: str | None = None) -> ScheduleCancellation:
        """Call an occurrence off: its holders are told, and what they paid is due back."""
        return await self._fetch_one(statements.CANCEL_SCHEDULE, (schedule_id, reason))

    async def buy_pass(
        self,
        pass_type_id: int,
        starts_on: date | None = None,
        user_id: int | None = None,
        renews: bool = False,
        idempotency_key: str | None = None,
        contact: Mapping[str, Any] | None = None,
    ) -> Pass:
        """Order a pass, to be paid within 15 minutes; a monthly one takes all its places, or is refused.

        Raises what `reserve_series` raises, and `PassNotFound` for a type that does not exist.
        """
        return await self._fetch_one(
            statements.BUY_PASS,
            (pass_type_id, starts_on, user_id, renews, idempotency_key, statements.jsonb(contact)),
        )

    async def confirm_pass(self, pass_id: int, payment_reference: str, amount: Decimal | None = None) -> Pass:
        """Record that a payment arrived; `status` is `active`, or `refund_due` where it has to go back.

        `amount` is in the venue's currency, by default what is due. Raises `PassNotFound`, `AmountMismatch`,
        `PaymentReferenceReused`.
        """
        return await self._fetch_one(statements.CONFIRM_PASS, (pass_id, payment_reference, amount))

    async def redeem_pass(self, pass_id: int, schedule_id: int) -> PassVisit:
        """Make a visit of a pass a place on an occurrence; asked again, answer with that place.

        Raises `PassNotFound`, `PassNotValid`, and what `reserve_tickets` raises.
        """
        return await self._fetch_one(statements.REDEEM_PASS, (pass_id, schedule_id))

    async def return_visit(self, reservation_id: int) -> PassVisit:
        """Give a place of a pass back before its occurrence begins: it is a visit again.

        Raises `ReservationNotFound`, `PassNotValid`.
        """
        return await self._fetch_one(statements.RETURN_VISIT, (reservation_id,))

    async def pause_pass(self, pass_id: int, start_date: date, end_date: date) -> PassChange:
        """Make a pass no good on these dates, both included, and its end as many days later.

        Raises `PassNotFound`, `PassNotValid`, `InvalidArgument`.
        """
        return await self._fetch_one(statements.PAUSE_PASS, (pass_id, start_date, end_date))

    async def extend_pass(self, pass_id: int, ends_on: date) -> PassChange:
        """Make a pass good until this date, at no cost.

        Raises `PassNotFound`, `PassNotValid`, `InvalidArgument`.
        """
        return await self._fetch_one(statements.EXTEND_PASS, (pass_id, ends_on))

    async def cancel_pass(self, pass_id: int, reason: str | None = None) -> Pass:
        """Cancel a pass; `refund_due` is what was paid for what was not used.

        Raises `PassNotFound`.
        """
        return await self._fetch_one(statements.CANCEL_PASS, (pass_id, reason))

    async def set_pass_renewal(self, pass_id: int, renews: bool) -> Pass:
        """Say whether `run_maintenance` makes the next period of a pass, to be paid before it begins.

        Raises `PassNotFound`, `PassNotValid`, `InvalidArgument`.
        """
        return await self._fetch_one(statements.SET_PASS_RENEWAL, (pass_id, renews))

    async def join_waitlist(
        self,
        schedule_id: int,
        quantity: int = 1,
        user_id: int | None = None,
        contact: Mapping[str, Any] | None = None,
    ) -> WaitlistEntry:
        """Wait for tickets of an occurrence that has none left; where there is room, the answer is an offer.

        An offer (`status` is `offered`) is a hold: pay `reservation_id` before `expires_at`. A user has one
        place, however often he joins; a guest needs a contact.
        """
        return await self._fetch_one(
            statements.JOIN_WAITLIST, (schedule_id, quantity, user_id, statements.jsonb(contact))
        )

    async def leave_waitlist(self, entry_id: int) -> WaitlistEntry:
        """Give up a place in a waiting list; seats that were offered go to the next."""
        return await self._fetch_one(statements.LEAVE_WAITLIST, (entry_id,))

    async def check_in(
        self,
        ticket_code: UUID | str,
        schedule_id: int | None = None,
        gate: str | None = None,
        scan_id: UUID | None = None,
        scanned_at: datetime | None = None,
    ) -> CheckIn:
        """Let the holder of a ticket in, as often as the event's `admission_policy` says.

        The same `scan_id` twice is one scan.
        """
        return await self._fetch_one(
            statements.CHECK_IN, (ticket_code, schedule_id, gate, scan_id, scanned_at)
        )

    async def check_in_batch(self, scans: Sequence[Mapping[str, Any]]) -> list[BatchScan]:
        """Do the scans of a scanner that was offline, at most 1000; a verdict for each, in their order.

        Each has `ticket_code`, `scan_id` (a uuid of the scanner's), `scanned_at` (ISO 8601 with the offset
        from UTC), all as text, and if there is one `schedule_id` and `gate`. What cannot be read is
        `invalid`. Sent again it does nothing, and answers the same. Raises InvalidArgument.
        """
        return await self._fetch_all(statements.CHECK_IN_BATCH, (statements.jsonb(scans),))

    async def schedules_ics(
        self,
        event_definition_id: int | None = None,
        space_id: int | None = None,
        from_date: date | None = None,
        to_date: date | None = None,
    ) -> str:
        """The occurrences of an event or in a space as iCalendar text; both dates are included.

        By default from 30 days ago for a year ahead. Raises InvalidArgument, DefinitionNotFound.
        """
        return await self._fetch_one(
            statements.SCHEDULES_ICS, (event_definition_id, space_id, from_date, to_date)
        )

    async def definition_ics(self, event_definition_id: int) -> str:
        """The recurrence of an event as iCalendar text: one event with RRULE, EXDATE and RDATE.

        Raises DefinitionNotFound, NotRecurring.
        """
        return await self._fetch_one(statements.DEFINITION_ICS, (event_definition_id,))

    async def import_event(self, event: Mapping[str, Any]) -> ImportedEvent:
        """Make an event of one of a calendar, or bring up to date the one with its `uid`.

        A new one is not active, for it has no price yet. `event` has the fields that the comment of the SQL
        function names; moments are text in ISO 8601. `ticketdb import-ics` makes them of a file. Raises
        InvalidArgument, InvalidRecurrence, NotAllowed.
        """
        return await self._fetch_one(statements.IMPORT_EVENT, (statements.jsonb(event),))

    async def run_maintenance(self, horizon_days: int = 30) -> dict[str, Any]:
        """Do what is late, a bounded number of each kind; return how many of each.

        What failed, such as one event that cannot be generated, stands in a list `errors`; the rest is done.
        """
        return await self._fetch_one(statements.RUN_MAINTENANCE, (horizon_days,))

    async def schedule_maintenance_jobs(
        self, every: timedelta = timedelta(minutes=1), horizon_days: int = 30
    ) -> list[MaintenanceJob]:
        """Have pg_cron run the daily round; without pg_cron the row says what to do instead."""
        return await self._fetch_all(statements.SCHEDULE_MAINTENANCE_JOBS, (every, horizon_days))

    async def unschedule_maintenance_jobs(self) -> int:
        """Take these jobs out of pg_cron; return how many there were."""
        return await self._fetch_one(statements.UNSCHEDULE_MAINTENANCE_JOBS, ())

    async def claim_notifications(
        self, limit: int = 10, lease: timedelta = timedelta(seconds=60)
    ) -> list[Notification]:
        """Messages that are due. Nobody else gets them for the time of the lease: send and complete them."""
        return await self._fetch_all(statements.CLAIM_NOTIFICATIONS, (limit, lease))

    async def complete_notification(
        self, id: int, lease_id: UUID, error: str | None = None
    ) -> NotificationResult:
        """Say that a message was sent, or why not: then it is due again after a while, ten times in all."""
        return await self._fetch_one(statements.COMPLETE_NOTIFICATION, (id, lease_id, error))

    async def retry_notification(self, id: int) -> NotificationRetry:
        """Put a message that was given up, or is to be sent again, back into the outbox."""
        return await self._fetch_one(statements.RETRY_NOTIFICATION, (id,))

    async def link_legacy_data(self, dry_run: bool = False) -> list[LinkStep]:
        """Make events, occurrences and reservations of the application's own bookings and participants."""
        return await self._fetch_all(statements.LINK_LEGACY_DATA, (dry_run,))

    async def verify_inventory(self) -> list[InventoryProblem]:
        """Recompute every counter from its rows; an empty list means that all is well."""
        return await self._fetch_all(statements.VERIFY_INVENTORY, ())

    async def event_availability(
        self, event_type: str | None = None, from_date: date | None = None, to_date: date | None = None
    ) -> AsyncIterator[EventAvailability]:
        """Occurrences on sale, in order of time; both dates are included.

        Read page by page, each as of its moment; other calls may go between.
        """
        last: EventAvailability | None = None
        while True:
            page = await self._fetch_all(
                *statements.event_availability(event_type, from_date, to_date, after=last)
            )
            for last in page:
                yield last
            if len(page) < statements.PAGE:
                return

    async def schedule_participants(self, schedule_id: int) -> AsyncIterator[ScheduleParticipant]:
        """Who comes to an occurrence, by name; those without a name last. Read page by page."""
        last: ScheduleParticipant | None = None
        while True:
            page = await self._fetch_all(*statements.schedule_participants(schedule_id, after=last))
            for last in page:
                yield last
            if len(page) < statements.PAGE:
                return

    async def attendance(
        self, schedule_id: int | None = None, from_date: date | None = None, to_date: date | None = None
    ) -> AsyncIterator[Attendance]:
        """Who came, per occurrence, in order of time; both dates are included. Read page by page."""
        last: Attendance | None = None
        while True:
            page = await self._fetch_all(*statements.attendance(schedule_id, from_date, to_date, after=last))
            for last in page:
                yield last
            if len(page) < statements.PAGE:
                return

    async def tickets(
        self, reservation_id: int | None = None, ticket_code: UUID | str | None = None
    ) -> AsyncIterator[Ticket]:
        """What stands on the tickets of a reservation, or on the one with a code, void ones too.

        Read page by page.
        """
        last: Ticket | None = None
        while True:
            page = await self._fetch_all(*statements.tickets(reservation_id, ticket_code, after=last))
            for last in page:
                yield last
            if len(page) < statements.PAGE:
                return

    async def report_sales(
        self, start_date: date | None = None, end_date: date | None = None
    ) -> list[SalesOfDay]:
        """What was sold on each day, by event, in the venue's currency.

        A day is one in the event's time zone: a payment counts on the day it arrived, a refund on the day it
        became due. Both dates are included; None means no limit. Raises NotAllowed, InvalidArgument.
        """
        return await self._fetch_all(statements.REPORT_SALES, (start_date, end_date))

    async def report_revenue(
        self, start_date: date | None = None, end_date: date | None = None
    ) -> list[RevenueOfType]:
        """What was taken with each type of event, in the venue's currency; days as in `report_sales`."""
        return await self._fetch_all(statements.REPORT_REVENUE, (start_date, end_date))

    async def report_attendance(
        self, start_date: date | None = None, end_date: date | None = None
    ) -> list[AttendanceOfSchedule]:
        """Who came to the occurrences that have begun, by their own date; both dates are included.

        `attendance_rate` goes from 0 to 1. Raises NotAllowed, InvalidArgument.
        """
        return await self._fetch_all(statements.REPORT_ATTENDANCE, (start_date, end_date))

    async def report_occupancy(
        self, start_date: date | None = None, end_date: date | None = None
    ) -> list[Occupancy]:
        """How full it was by weekday and hour of the local start, over occurrences that have begun.

        Both dates are the occurrences' own and included; `occupancy` goes from 0 to 1. Raises NotAllowed,
        InvalidArgument.
        """
        return await self._fetch_all(statements.REPORT_OCCUPANCY, (start_date, end_date))

    async def report_no_shows(
        self, start_date: date | None = None, end_date: date | None = None
    ) -> list[NoShow]:
        """Sales of occurrences that are over with tickets that let nobody in, by the occurrences' date.

        Both dates are included. Raises NotAllowed, InvalidArgument.
        """
        return await self._fetch_all(statements.REPORT_NO_SHOWS, (start_date, end_date))

    async def refunds_due(
        self, start_date: date | None = None, end_date: date | None = None
    ) -> list[RefundDue]:
        """Payments of which something is due back, by the local date since which it is; both included."""
        return await self._fetch_all(statements.REFUNDS_DUE, (start_date, end_date))

    async def waitlist(self, schedule_id: int) -> AsyncIterator[Waiting]:
        """Who waits, or waited, for an occurrence, in order of arrival. Read page by page."""
        last: Waiting | None = None
        while True:
            page = await self._fetch_all(*statements.waitlist(schedule_id, after=last))
            for last in page:
                yield last
            if len(page) < statements.PAGE:
                return

    async def _fetch_one(self, statement: Statement[Row], parameters: Sequence[Any]) -> Row:
        rows = await self._fetch_all(statement, parameters)
        return rows[0]

    async def _fetch_all(self, statement: Statement[Row], parameters: Sequence[Any]) -> list[Row]:
        failures = 0
        while True:
            try:
                return await self._source.fetch(statement, parameters)
            except psycopg.Error as error:
                failures += 1
                pause = await self._pause(failures, error, statement, parameters)
                if pause is None:
                    ours = errors.from_database(error)
                    if ours is None:
                        raise
                    raise ours from error
            await asleep(pause)

    async def _pause(
        self, failures: int, error: psycopg.Error, statement: Statement[Any], parameters: Sequence[Any]
    ) -> float | None:
        """How long to wait before the call is sent again; None: it is not."""
        policy = self._retry
        if policy is None or failures >= policy.attempts or not retry.is_transient(error):
            return None
        if not statement.may_repeat(parameters):
            return None
        if not await self._source.may_repeat(retry.is_lost_connection(error)):
            return None
        return policy.pause(failures)
