"""From what is on sale to tickets, and back to a refund."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from ticketdb import _statements as statements
from ticketdb._async.calls import Calls
from ticketdb.models import (
    Availability,
    Cancellation,
    Confirmation,
    EventAvailability,
    Refund,
    Reservation,
    Ticket,
)


class Selling(Calls):
    """The methods on tickets and their sale."""

    def event_availability(
        self, event_type: str | None = None, from_date: date | None = None, to_date: date | None = None
    ) -> AsyncIterator[EventAvailability]:
        """Occurrences on sale, in order of time; both dates are included.

        Read page by page, each as of its moment; other calls may go between.
        """
        return self._fetch_pages(partial(statements.event_availability, event_type, from_date, to_date))

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

    def tickets(
        self, reservation_id: int | None = None, ticket_code: UUID | str | None = None
    ) -> AsyncIterator[Ticket]:
        """What stands on the tickets of a reservation, or on the one with a code, void ones too.

        Read page by page.
        """
        return self._fetch_pages(partial(statements.tickets, reservation_id, ticket_code))
