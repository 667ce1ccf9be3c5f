"""What can go wrong, as Python exceptions.

A refusal by the database is told apart by its SQLSTATE and by the `reason` in its detail, never by its
wording. Catch a class of refusals (`Conflict`) or one of them (`SoldOut`). A reason that this version does
not know is raised as the class of its SQLSTATE. Errors that are not ticketdb's own stay psycopg's.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Generic, Self, TypeVar, overload

import psycopg

T = TypeVar("T")


class Told(Generic[T]):
    """A value from the detail of a refusal; None where the database did not tell it."""

    def __init__(self, read: Callable[[Any], T]) -> None:
        """Take what makes a value of the JSON."""
        self._read = read
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the name of the attribute as the name in the detail."""
        self._name = name

    @overload
    def __get__(self, error: None, owner: type) -> Self: ...
    @overload
    def __get__(self, error: "TicketDBError", owner: type) -> T | None: ...
    def __get__(self, error: "TicketDBError | None", owner: type) -> Self | T | None:
        """Read the value."""
        if error is None:
            return self
        value = error.detail.get(self._name)
        return None if value is None else self._read(value)


def _money(value: int | Decimal) -> Decimal:
    return Decimal(value)


class TicketDBError(Exception):
    """A refusal by ticketdb: its message says what is wrong, its hint the next step."""

    _by_sqlstate: ClassVar[dict[str, type["TicketDBError"]]] = {}
    _by_reason: ClassVar[dict[tuple[str, str], type["TicketDBError"]]] = {}
    _family: ClassVar[str] = ""

    def __init_subclass__(cls, sqlstate: str = "", reason: str = "") -> None:
        """Note which refusals are raised as this class: all of an SQLSTATE, or those of a reason."""
        if sqlstate:
            cls._family = sqlstate
            cls._by_sqlstate[sqlstate] = cls
        if reason:
            cls._by_reason[cls._family, reason] = cls

    def __init__(
        self,
        message: str,
        *,
        sqlstate: str | None = None,
        reason: str | None = None,
        hint: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep what the database told."""
        super().__init__(message)
        self.message = message
        self.sqlstate = sqlstate
        self.reason = reason
        self.hint = hint
        self.detail = dict(detail or {})
        if hint:
            self.add_note(f"Hint: {hint}")


class SchemaMismatch(TicketDBError):
    """This database is not at the migration that this package was made for."""


class NotInstalled(SchemaMismatch):
    """This database has no ticketdb, or one so old that a function or a view is missing."""


class SchemaOlder(SchemaMismatch):
    """This database needs `ticketdb migrate`."""


class SchemaNewer(SchemaMismatch):
    """This database needs a newer package."""


class InvalidRequest(TicketDBError, sqlstate="PT400"):
    """PT400: an argument cannot be right."""


class InvalidQuantity(InvalidRequest, reason="invalid_quantity"):
    """The number of tickets is not one that can be sold."""

    requested = Told(int)
    max_per_order = Told(int)


class InvalidArgument(InvalidRequest, reason="invalid_argument"):
    """An argument is missing or malformed."""


class InvalidRecurrence(InvalidRequest, reason="invalid_recurrence"):
    """The recurrence of the event cannot be read."""


class NotRecurring(InvalidRequest, reason="not_recurring"):
    """The event has no recurrence to generate occurrences from."""


class AmountMismatch(InvalidRequest, reason="amount_mismatch"):
    """The amount paid is not the amount due."""

    paid = Told(_money)
    due = Told(_money)


class NotAllowed(TicketDBError, sqlstate="PT403"):
    """PT403: the caller may not do this."""


class NotFound(TicketDBError, sqlstate="PT404"):
    """PT404: what an argument names does not exist."""


class ScheduleNotFound(NotFound, reason="schedule_not_found"):
    """No such occurrence."""

    schedule_id = Told(int)
    event_definition_id = Told(int)


class DefinitionNotFound(NotFound, reason="definition_not_found"):
    """No such event."""

    event_definition_id = Told(int)


class TicketTypeNotFound(NotFound, reason="ticket_type_not_found"):
    """No such ticket type of this event."""

    schedule_id = Told(int)
    ticket_type_id = Told(int)


class ReservationNotFound(NotFound, reason="reservation_not_found"):
    """No such reservation."""

    reservation_id = Told(int)


class SpaceNotFound(NotFound, reason="space_not_found"):
    """No such space."""

    space_id = Told(int)


class PassNotFound(NotFound, reason="pass_not_found"):
    """No such pass, or no such type of pass."""

    pass_id = Told(int)
    pass_type_id = Told(int)


class Conflict(TicketDBError, sqlstate="PT409"):
    """PT409: the request is fine, but the state of things forbids it."""


class SoldOut(Conflict, reason="sold_out"):
    """Fewer tickets are left than were asked for."""

    schedule_id = Told(int)
    available = Told(int)
    requested = Told(int)


class TicketTypeSoldOut(SoldOut, reason="ticket_type_sold_out"):
    """Fewer tickets of this type are left than were asked for; other types may have some."""


class NotOnSale(Conflict, reason="not_on_sale"):
    """The event or the ticket type is not on sale."""

    schedule_id = Told(int)
    ticket_type_id = Told(int)
    opens_at = Told(datetime.fromisoformat)
    closes_at = Told(datetime.fromisoformat)


class ScheduleCancelled(Conflict, reason="schedule_cancelled"):
    """The occurrence was called off."""

    schedule_id = Told(int)


class ScheduleCompleted(Conflict, reason="schedule_completed"):
    """The occurrence is over."""

    schedule_id = Told(int)


class ScheduleBlocked(Conflict, reason="schedule_blocked"):
    """The slot is taken and nothing is sold for it."""

    schedule_id = Told(int)


class LimitPerUser(Conflict, reason="limit_per_user"):
    """The buyer would have more tickets than one may have."""

    requested = Told(int)
    has = Told(int)
    limit_per_user = Told(int)
    available = Told(int)


class PassNotValid(Conflict, reason="pass_not_valid"):
    """The pass is not good for this; `problem` says why."""

    pass_id = Told(int)
    schedule_id = Told(int)
    problem = Told(str)


class SlotConflict(Conflict, reason="slot_conflict"):
    """Something else takes place in the space at that time: what, as far as the caller may know."""

    space_id = Told(int)
    source = Told(str)
    reference = Told(str)
    title = Told(str)
    starts_at = Told(datetime.fromisoformat)
    ends_at = Told(datetime.fromisoformat)


class IdempotencyKeyReused(Conflict, reason="idempotency_key_reused"):
    """The idempotency key stands for a request with other arguments."""

    idempotency_key = Told(str)


class PaymentReferenceReused(Conflict, reason="payment_reference_reused"):
    """The payment reference stands for another payment."""

    payment_reference = Told(str)


class AlreadyConfirmed(Conflict, reason="already_confirmed"):
    """The reservation is paid already."""

    reservation_id = Told(int)
    status = Told(str)


class TicketsSoldIsDerived(Conflict, reason="tickets_sold_is_derived"):
    """`tickets_sold` is kept by the database and cannot be written."""


class CapacityBelowSold(Conflict, reason="capacity_below_sold"):
    """The capacity cannot go below what is sold and held."""

    sold = Told(int)
    held = Told(int)
    requested = Told(int)


class Gone(TicketDBError, sqlstate="PT410"):
    """PT410: the reservation has come to its end."""

    reservation_id = Told(int)
    status = Told(str)


class ReservationExpired(Gone, reason="reservation_expired"):
    """The hold has lapsed."""


class ReservationReleased(Gone, reason="reservation_released"):
    """The buyer gave the hold up."""


class ReservationCancelled(Gone, reason="reservation_cancelled"):
    """The reservation was cancelled."""


# undefined function, table and column
_MISSING_OBJECT = {"42883", "42P01", "42703"}


def from_database(error: psycopg.Error) -> TicketDBError | None:
    """Translate an error of psycopg into ours; None where it is none of ours."""
    sqlstate = error.sqlstate
    if sqlstate is None:
        return None
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
    family = TicketDBError._by_sqlstate.get(sqlstate)
    if family is None:
        return None
    detail = _detail(diag.message_detail)
    reason = detail.get("reason")
    return TicketDBError._by_reason.get((sqlstate, str(reason)), family)(
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
