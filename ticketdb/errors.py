"""What can go wrong, as Python exceptions.

A refusal by the database is told apart by its SQLSTATE and by the `reason` in its detail, never by its
wording. Catch a class of refusals (`Conflict`) or one of them (`SoldOut`). A reason that this version does
not know is raised as the class of its SQLSTATE. Errors that are not ticketdb's own stay psycopg's.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import psycopg


class TicketDBError(Exception):
    """A refusal by ticketdb: its message says what is wrong, its hint the next step."""

    def __init__(
        self,
        message: str,
        *,
        sqlstate: str | None = None,
        reason: str | None = None,
        hint: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.sqlstate = sqlstate
        self.reason = reason
        self.hint = hint
        self.detail = dict(detail or {})
        if hint:
            self.add_note(f"Hint: {hint}")


class NotInstalled(TicketDBError):
    """This database has no ticketdb, or an older one than this package."""


class InvalidRequest(TicketDBError):
    """PT400: an argument cannot be right."""


class InvalidQuantity(InvalidRequest):
    """The number of tickets is not one that can be sold."""


class InvalidArgument(InvalidRequest):
    """An argument is missing or malformed."""


class InvalidRecurrence(InvalidRequest):
    """The recurrence of the event cannot be read."""


class NotRecurring(InvalidRequest):
    """The event has no recurrence to generate occurrences from."""


class AmountMismatch(InvalidRequest):
    """The amount paid is not the amount due."""


class NotAllowed(TicketDBError):
    """PT403: the caller may not do this."""


class NotFound(TicketDBError):
    """PT404: what an argument names does not exist."""


class ScheduleNotFound(NotFound):
    """No such occurrence."""


class DefinitionNotFound(NotFound):
    """No such event."""


class TicketTypeNotFound(NotFound):
    """No such ticket type of this event."""


class ReservationNotFound(NotFound):
    """No such reservation."""


class Conflict(TicketDBError):
    """PT409: the request is fine, but the state of things forbids it."""


class SoldOut(Conflict):
    """Fewer tickets are left than were asked for."""

    @property
    def available(self) -> int | None:
        """How many tickets are left."""
        return self.detail.get("available")

    @property
    def requested(self) -> int | None:
        """How many were asked for."""
        return self.detail.get("requested")


class TicketTypeSoldOut(SoldOut):
    """Fewer tickets of this type are left than were asked for; other types may have some."""


class NotOnSale(Conflict):
    """The event or the ticket type is not on sale."""


class ScheduleCancelled(Conflict):
    """The occurrence was called off."""


class ScheduleCompleted(Conflict):
    """The occurrence is over."""


class ScheduleBlocked(Conflict):
    """The slot is taken and nothing is sold for it."""


class LimitPerUser(Conflict):
    """The buyer would have more tickets than one may have."""


class SlotConflict(Conflict):
    """Something else takes place in the space at that time."""


class IdempotencyKeyReused(Conflict):
    """The idempotency key stands for a request with other arguments."""


class PaymentReferenceReused(Conflict):
    """The payment reference stands for another payment."""


class AlreadyConfirmed(Conflict):
    """The reservation is paid already."""


class TicketsSoldIsDerived(Conflict):
    """`tickets_sold` is kept by the database and cannot be written."""


class CapacityBelowSold(Conflict):
    """The capacity cannot go below what is sold and held."""


class Gone(TicketDBError):
    """PT410: the reservation has come to its end."""


class ReservationExpired(Gone):
    """The hold has lapsed."""


class ReservationReleased(Gone):
    """The buyer gave the hold up."""


class ReservationCancelled(Gone):
    """The reservation was cancelled."""


_BY_SQLSTATE: dict[str, type[TicketDBError]] = {
    "PT400": InvalidRequest,
    "PT403": NotAllowed,
    "PT404": NotFound,
    "PT409": Conflict,
    "PT410": Gone,
}

_BY_REASON: dict[tuple[str, str], type[TicketDBError]] = {
    ("PT400", "invalid_quantity"): InvalidQuantity,
    ("PT400", "invalid_argument"): InvalidArgument,
    ("PT400", "invalid_recurrence"): InvalidRecurrence,
    ("PT400", "not_recurring"): NotRecurring,
    ("PT400", "amount_mismatch"): AmountMismatch,
    ("PT404", "schedule_not_found"): ScheduleNotFound,
    ("PT404", "definition_not_found"): DefinitionNotFound,
    ("PT404", "ticket_type_not_found"): TicketTypeNotFound,
    ("PT404", "reservation_not_found"): ReservationNotFound,
    ("PT409", "sold_out"): SoldOut,
    ("PT409", "ticket_type_sold_out"): TicketTypeSoldOut,
    ("PT409", "not_on_sale"): NotOnSale,
    ("PT409", "schedule_cancelled"): ScheduleCancelled,
    ("PT409", "schedule_completed"): ScheduleCompleted,
    ("PT409", "schedule_blocked"): ScheduleBlocked,
    ("PT409", "limit_per_user"): LimitPerUser,
    ("PT409", "slot_conflict"): SlotConflict,
    ("PT409", "idempotency_key_reused"): IdempotencyKeyReused,
    ("PT409", "payment_reference_reused"): PaymentReferenceReused,
    ("PT409", "already_confirmed"): AlreadyConfirmed,
    ("PT409", "tickets_sold_is_derived"): TicketsSoldIsDerived,
    ("PT409", "capacity_below_sold"): CapacityBelowSold,
    ("PT410", "reservation_expired"): ReservationExpired,
    ("PT410", "reservation_released"): ReservationReleased,
    ("PT410", "reservation_cancelled"): ReservationCancelled,
}

# undefined function, table and column
_MISSING_OBJECT = {"42883", "42P01", "42703"}


def from_database(error: psycopg.Error) -> TicketDBError | None:
    """Translate an error of psycopg into ours; None where it is none of ours."""
    sqlstate = error.sqlstate
    diag = error.diag
    if sqlstate in _MISSING_OBJECT and diag.context is None:
        # without a context the statement itself is at fault, and the statements are ours
        return NotInstalled(
            "ticketdb is not installed in this database, or an older version of it is"
            f" ({diag.message_primary}); run: ticketdb migrate",
            sqlstate=sqlstate,
            reason="not_installed",
            hint="Run `ticketdb migrate --dsn ...` on it; `ticketdb status` shows what is missing.",
        )
    fallback = _BY_SQLSTATE.get(sqlstate or "")
    if sqlstate is None or fallback is None:
        return None
    detail = _detail(diag.message_detail)
    reason = detail.get("reason")
    return _BY_REASON.get((sqlstate, str(reason)), fallback)(
        diag.message_primary or str(error),
        sqlstate=sqlstate,
        reason=reason,
        hint=diag.message_hint,
        detail=detail,
    )


def _detail(text: str | None) -> dict[str, Any]:
    """DETAIL as a dict; empty where another function raised the same SQLSTATE with something else in it."""
    try:
        detail = json.loads(text or "", parse_float=Decimal)
    except ValueError:
        return {}
    return detail if isinstance(detail, dict) else {}
