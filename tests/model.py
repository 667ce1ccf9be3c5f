"""What ticketdb promises about selling, as a small model in plain Python.

`Model` is the rows as one transaction sees them, with a method for each command. A command returns its answer
and leaves changed rows behind, or raises `Refused` and leaves none. Nothing is counted as it goes along:
every number is a sum over rows, so that the database's counters are held against something that cannot drift.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

MOMENT = "1 microsecond"  # a hold of that has lapsed before anybody looks at it
PAID = ("paid", "confirmed", "completed")  # statuses of the application's bookings that mean paid

SQLSTATES = {
    "invalid_argument": "PT400", "invalid_quantity": "PT400", "amount_mismatch": "PT400",
    "schedule_not_found": "PT404", "ticket_type_not_found": "PT404", "reservation_not_found": "PT404",
    "definition_not_found": "PT404",
    "schedule_cancelled": "PT409", "schedule_completed": "PT409", "schedule_blocked": "PT409",
    "not_on_sale": "PT409", "sold_out": "PT409", "ticket_type_sold_out": "PT409", "limit_per_user": "PT409",
    "idempotency_key_reused": "PT409", "payment_reference_reused": "PT409", "already_confirmed": "PT409",
    "capacity_below_sold": "PT409",
    "reservation_expired": "PT410", "reservation_released": "PT410", "reservation_cancelled": "PT410",
}  # fmt: skip


class Refused(Exception):
    """Nothing happened. Where several reasons hold, the caller is told one of them."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = frozenset(reasons)


@dataclass(frozen=True)
class Window:
    """When something is on sale: None means that nothing is said about it."""

    opened: bool | None = None
    closed: bool | None = None

    def after(self, other: Window) -> Window:
        """What is said here, and what the other says where nothing is said here."""
        return Window(
            other.opened if self.opened is None else self.opened,
            other.closed if self.closed is None else self.closed,
        )

    @property
    def on_sale(self) -> bool:
        return self.opened is not False and self.closed is not True


@dataclass(frozen=True)
class Event:
    id: int
    price: Decimal
    active: bool = True
    window: Window = Window()
    max_per_order: int | None = None
    limit_per_user: int | None = None


@dataclass(frozen=True)
class Schedule:
    id: int
    event: int
    capacity: int
    date: date
    price: Decimal | None = None
    status: str = "scheduled"
    blocked: bool = False
    window: Window = Window()
    max_per_order: int | None = None
    limit_per_user: int | None = None


@dataclass(frozen=True)
class TicketType:
    id: int
    event: int
    price: Decimal
    limit: int | None = None
    active: bool = True
    window: Window = Window()


@dataclass(frozen=True)
class Booking:
    """The application's; its reference is its id here."""

    id: str
    schedule: int | None
    ticket_type: int | None
    user: int | None
    attendees: int | None
    total: Decimal | None
    status: str
    deleted: bool = False

    @property
    def wants(self) -> str | None:
        """What its reservation should be."""
        if self.deleted or self.schedule is None or self.status == "cancelled":
            return None
        return "confirmed" if self.status in PAID else "held"

    @property
    def tickets(self) -> tuple[int | None, int | None, int | None]:
        return self.schedule, self.ticket_type, self.attendees


@dataclass(frozen=True)
class Reservation:
    """`lapsed` is a hold that has run out and that nobody has swept: `expired` in all but name."""

    id: int
    schedule: int
    ticket_type: int | None
    user: int | None
    quantity: int
    price: Decimal
    total: Decimal
    status: str = "held"
    booking: str | None = None
    order: tuple[Any, ...] | None = None  # the idempotency key, and the arguments that it stands for
    series: int | None = None  # the first reservation of the series that it was made with
    issued: tuple[bool, ...] = ()  # which of its tickets are valid, in the order of their issue
    people: int = 0  # active rows of program_participants that came of its payment

    @property
    def seats(self) -> int:
        return self.quantity if self.status in ("held", "confirmed") else 0

    @property
    def tickets(self) -> int:
        return self.quantity if self.status == "confirmed" else 0

    def with_tickets(self) -> Reservation:
        """As many valid tickets as are due: missing ones are issued, the newest surplus ones become void."""
        missing = self.tickets - sum(self.issued)
        if missing >= 0:
            return replace(self, issued=self.issued + (True,) * missing)
        kept = list(self.issued)
        while sum(kept) > self.tickets:
            kept[len(kept) - 1 - kept[::-1].index(True)] = False
        return replace(self, issued=tuple(kept))

    @property
    def wish(self) -> tuple[int, int | None, int]:
        return self.schedule, self.ticket_type, self.quantity

    @property
    def receipt(self) -> tuple[Any, ...]:
        status = "held" if self.status == "lapsed" else self.status
        return (
            self.id, self.schedule, self.ticket_type, self.quantity, self.price, self.total, status,
        )  # fmt: skip


@dataclass(frozen=True)
class Payment:
    id: str
    reservation: int
    amount: Decimal
    refund_due: Decimal = Decimal(0)


@dataclass(frozen=True)
class Ticket:
    """One that was let in: its reservation, its number within that, and how often it was scanned."""

    id: tuple[int, int]
    scans: int


@dataclass(frozen=True)
class Scan:
    id: UUID
    ticket: tuple[int, int]
    result: str


Row = Event | Schedule | TicketType | Booking | Reservation | Payment | Ticket | Scan
R = TypeVar("R", Event, Schedule, TicketType, Booking, Reservation, Payment, Ticket, Scan)
Rows = dict[tuple[type[Row], Any], Row]


class Model:
    """The rows that a transaction sees, `changes` those that its command leaves behind."""

    def __init__(self, *layers: Rows) -> None:
        self.rows: dict[type[Row], dict[Any, Any]] = defaultdict(dict)
        self.changes: Rows = {}
        for layer in layers:
            for (kind, row_id), row in layer.items():
                self.rows[kind][row_id] = row

    def put(self, row: Row) -> None:
        if isinstance(row, Reservation):
            row = row.with_tickets()
        self.rows[type(row)][row.id] = self.changes[type(row), row.id] = row

    def get(self, kind: type[R], row_id: Any) -> R | None:
        return self.rows[kind].get(row_id)

    def all(self, kind: type[R]) -> list[R]:
        return list(self.rows[kind].values())

    # What can be counted

    def on(self, schedule: int) -> list[Reservation]:
        return [r for r in self.all(Reservation) if r.schedule == schedule]

    def followers(self, booking: str) -> list[Reservation]:
        return [r for r in self.all(Reservation) if r.booking == booking]

    def sold(self, schedule: int) -> int:
        return sum(r.tickets for r in self.on(schedule))

    def held(self, schedule: int) -> int:
        return sum(r.seats - r.tickets for r in self.on(schedule))

    def left(self, schedule: int) -> int:
        return self.get(Schedule, schedule).capacity - sum(r.seats for r in self.on(schedule))

    def left_of_type(self, schedule: int, ticket_type: int) -> int | None:
        limit = self.get(TicketType, ticket_type).limit
        taken = sum(r.seats for r in self.on(schedule) if r.ticket_type == ticket_type)
        return None if limit is None else limit - taken

    def taken_by(self, user: int, schedule: int, but: Reservation | None = None) -> int:
        return sum(r.seats for r in self.on(schedule) if r.user == user and (but is None or r.id != but.id))

    def payments(self, reservation: int) -> list[Payment]:
        return [p for p in self.all(Payment) if p.reservation == reservation]

    def refund_due(self, reservation: int) -> Decimal:
        return sum((p.refund_due for p in self.payments(reservation)), Decimal(0))

    # What can be bought

    def closed(self, schedule: Schedule) -> str | None:
        """The reason for which nothing of an occurrence is sold."""
        event = self.get(Event, schedule.event)
        if schedule.status != "scheduled":
            return f"schedule_{schedule.status}"
        if schedule.blocked:
            return "schedule_blocked"
        return None if event.active and schedule.window.after(event.window).on_sale else "not_on_sale"

    def type_of(self, schedule: Schedule, ticket_type: int | None) -> TicketType | None:
        found = self.get(TicketType, ticket_type)
        return found if found is not None and found.event == schedule.event else None

    def available(self, schedule_id: int, ticket_type: int | None = None) -> int:
        """How many tickets can be bought now."""
        schedule = self.get(Schedule, schedule_id)
        if self.closed(schedule):
            return 0
        left = self.left(schedule_id)
        if ticket_type is None:
            return left
        found = self.get(TicketType, ticket_type)
        if not (found.active and found.window.on_sale):
            return 0
        of_type = self.left_of_type(schedule_id, ticket_type)
        return left if of_type is None else min(left, of_type)

    def is_available(self, schedule_id: int, ticket_type: int | None = None) -> bool:
        """Whether one ticket can be bought now."""
        per_order, _ = self.limits(self.get(Schedule, schedule_id))
        return self.available(schedule_id, ticket_type) > 0 and per_order != 0

    def price(self, schedule_id: int, ticket_type: int | None) -> Decimal | None:
        schedule = self.get(Schedule, schedule_id)
        if ticket_type is not None:
            found = self.type_of(schedule, ticket_type)
            return found and found.price
        return self.get(Event, schedule.event).price if schedule.price is None else schedule.price

    def not_offered(self, schedule_id: int, ticket_type: int | None) -> set[str]:
        """Every reason for which nothing is sold."""
        schedule = self.get(Schedule, schedule_id)
        if schedule is None:
            return {"schedule_not_found"}
        closed = self.closed(schedule)
        reasons = {closed} if closed else set()
        if ticket_type is not None:
            found = self.type_of(schedule, ticket_type)
            if found is None:
                reasons.add("ticket_type_not_found")
            elif not (found.active and found.window.on_sale):
                reasons.add("not_on_sale")
        return reasons

    def no_seats(self, schedule_id: int, ticket_type: int | None, quantity: int = 0) -> set[str]:
        """Every counter that has not so many seats."""
        if self.get(Schedule, schedule_id) is None or self.price(schedule_id, ticket_type) is None:
            return set()
        reasons = {"sold_out"} if self.left(schedule_id) < quantity else set()
        if ticket_type is not None:
            left = self.left_of_type(schedule_id, ticket_type)
            if left is not None and left < quantity:
                reasons.add("ticket_type_sold_out")
        return reasons

    def above_limit(
        self, schedule_id: int, quantity: int, user: int | None, but: Reservation | None = None
    ) -> set[str]:
        """Every limit of an order that it is above; `but` is the order itself where it changes."""
        schedule = self.get(Schedule, schedule_id)
        if schedule is None:
            return set()
        per_order, per_user = self.limits(schedule)
        reasons = set()
        if per_order is not None and quantity > per_order:
            reasons.add("invalid_quantity")
        if None not in (per_user, user) and self.taken_by(user, schedule_id, but) + quantity > per_user:
            reasons.add("limit_per_user")
        return reasons

    def limits(self, schedule: Schedule) -> tuple[int | None, int | None]:
        event = self.get(Event, schedule.event)
        return (
            event.max_per_order if schedule.max_per_order is None else schedule.max_per_order,
            event.limit_per_user if schedule.limit_per_user is None else schedule.limit_per_user,
        )

    def not_orderable(
        self, schedule: int, ticket_type: int | None, quantity: int, user: int | None
    ) -> set[str]:
        """Every reason for which an order cannot be had now."""
        return (
            self.not_offered(schedule, ticket_type)
            | self.no_seats(schedule, ticket_type, quantity)
            | self.above_limit(schedule, quantity, user)
        )

    # Commands

    def reserve(
        self,
        ids: Iterator[int],
        schedule: int,
        quantity: int,
        ticket_type: int | None = None,
        user: int | None = None,
        key: str | None = None,
        hold: str | None = None,
    ) -> tuple[Any, ...]:
        """The same key with the same arguments gets the first answer."""
        order = (key, schedule, quantity, ticket_type, user, hold)
        known = self.ordered(order, bad_arguments(quantity, hold))
        if known is None:
            refuse(self.not_orderable(schedule, ticket_type, quantity, user))
            known = replace(
                self.hold(next(ids), schedule, ticket_type, user, quantity),
                status="lapsed" if hold == MOMENT else "held",
                order=order if key else None,
            )
            self.put(known)
        return known.receipt

    def reserve_series(
        self,
        ids: Iterator[int],
        event: int,
        dates: tuple[date, date],
        quantity: int,
        user: int | None,
        key: str | None,
    ) -> list[tuple[Any, ...]]:
        """Every occurrence that takes place in a period, or none."""
        order = (key, event, dates, quantity, user)
        reasons = bad_arguments(quantity)
        if self.get(Event, event) is None:
            reasons.add("definition_not_found")
        known = self.ordered(order, reasons)
        if known is not None:
            return [r.receipt for r in self.all(Reservation) if r.series == known.id]
        period = [
            s
            for s in self.all(Schedule)
            if s.event == event
            and dates[0] <= s.date <= dates[1]
            and s.status != "cancelled"
            and not s.blocked
        ]
        reasons = set() if period else {"schedule_not_found"}
        for s in period:
            reasons |= self.not_orderable(s.id, None, quantity, user)
        refuse(reasons)
        made = [self.hold(next(ids), s.id, None, user, quantity) for s in period]
        for r in made:
            self.put(replace(r, series=made[0].id, order=order if key and r is made[0] else None))
        return [r.receipt for r in made]

    def hold(
        self, new_id: int, schedule: int, ticket_type: int | None, user: int | None, quantity: int
    ) -> Reservation:
        price = self.price(schedule, ticket_type)
        made = Reservation(new_id, schedule, ticket_type, user, quantity, price, price * quantity)
        self.put(made)
        return made

    def ordered(self, order: tuple[Any, ...], reasons: set[str]) -> Reservation | None:
        """The reservation that an idempotency key stands for already."""
        known = next((r for r in self.all(Reservation) if r.order and r.order[0] == order[0]), None)
        if known is not None and known.order != order:
            raise Refused("idempotency_key_reused", *reasons)
        refuse(reasons)
        return known

    def confirm(
        self, reservation: int, reference: str, amount: Decimal | None = None, people: Iterable[int] = ()
    ) -> tuple[Any, ...]:
        """A payment is put on record first; then seats are looked for."""
        if not reference:
            raise Refused("invalid_argument")
        paid = self.known(reservation)
        if sum(people) > paid.quantity:
            raise Refused("invalid_argument")
        known = self.get(Payment, reference)
        if known is not None:
            if known.reservation != reservation or amount not in (None, known.amount):
                raise Refused("payment_reference_reused")
            settled = paid.status == "confirmed" and known.refund_due == 0
            return self.sale(reservation, "confirmed" if settled else "refund_due")
        if amount not in (None, paid.total):
            raise Refused("amount_mismatch")

        self.put(Payment(reference, reservation, paid.total))
        if paid.status in ("confirmed", "refund_due", "cancelled"):
            self.put(Payment(reference, reservation, paid.total, refund_due=paid.total))
            settled = paid.status == "confirmed" and paid.total == 0
        else:
            settled = self.seat(paid, reference)
            if settled and paid.booking is None:
                named = list(people)
                self.put(replace(self.known(reservation), people=len(named) + (sum(named) < paid.quantity)))
        return self.sale(reservation, "confirmed" if settled else "refund_due")

    def seat(self, paid: Reservation, reference: str) -> bool:
        """A hold keeps its seats while nobody has taken them; without seats the money goes back."""
        schedule = self.get(Schedule, paid.schedule)
        if paid.status in ("held", "lapsed"):
            seated = schedule.status != "cancelled" and not schedule.blocked
        else:
            # an order's limits were looked at when it was made
            seated = not (
                self.not_offered(paid.schedule, paid.ticket_type)
                | self.no_seats(paid.schedule, paid.ticket_type, paid.quantity)
            )
        self.put(replace(paid, status="confirmed" if seated else "refund_due"))
        payment = self.get(Payment, reference)
        self.put(replace(payment, refund_due=Decimal(0) if seated else payment.amount))
        return seated

    def release(self, reservation: int) -> tuple[Any, ...]:
        given_up = self.known(reservation)
        if given_up.status in ("confirmed", "refund_due"):
            raise Refused("already_confirmed")
        self.refuse_gone(given_up, repeats="released")
        self.put(replace(given_up, status="released"))
        return self.known(reservation).receipt

    def cancel(self, reservation: int) -> tuple[Any, ...]:
        """Tickets become void, seats go back on sale, and what was paid is due back."""
        called_off = self.known(reservation)
        self.refuse_gone(called_off, repeats="cancelled")
        if called_off.status != "cancelled":
            self.put(
                replace(
                    called_off,
                    status="released" if called_off.status == "held" else "cancelled",
                    people=0,
                )
            )
            for payment in self.payments(reservation):
                self.put(replace(payment, refund_due=payment.amount))
        return reservation, self.known(reservation).status, self.refund_due(reservation)

    def known(self, reservation: int) -> Reservation:
        found = self.get(Reservation, reservation)
        if found is None:
            raise Refused("reservation_not_found")
        return found

    def refuse_gone(self, reservation: Reservation, repeats: str) -> None:
        """A repeat is answered like the first call."""
        status = "expired" if reservation.status == "lapsed" else reservation.status
        if status in ("expired", "released", "cancelled") and status != repeats:
            raise Refused(f"reservation_{status}")

    def sale(self, reservation: int, status: str) -> tuple[Any, ...]:
        sold = self.known(reservation)
        return status, self.sold(sold.schedule), sold.tickets, self.refund_due(reservation)

    def check_in(
        self, reservation: int, number: int, schedule: int | None, scan_id: UUID | None
    ) -> tuple[str, int | None]:
        """The same scan twice is one."""
        found = self.get(Reservation, reservation)
        if found is None or number >= len(found.issued):
            return "unknown", None
        ticket = self.get(Ticket, (reservation, number)) or Ticket((reservation, number), 0)
        known = self.get(Scan, scan_id)
        if known is not None:
            if known.ticket != ticket.id:
                raise Refused("idempotency_key_reused")
            return known.result, ticket.scans
        if schedule not in (None, found.schedule):
            result = "wrong_schedule"
        elif not found.issued[number]:
            result = "void"
        else:
            result = "already_used" if ticket.scans else "admitted"
            ticket = replace(ticket, scans=ticket.scans + 1)
            self.put(ticket)
        if scan_id is not None:
            self.put(Scan(scan_id, ticket.id, result))
        return result, ticket.scans

    def set_capacity(self, schedule_id: int, capacity: int) -> None:
        schedule = self.get(Schedule, schedule_id)
        self.put(replace(schedule, capacity=capacity))
        if self.left(schedule_id) < 0:
            raise Refused("capacity_below_sold")

    def set_limit(self, ticket_type: int, limit: int | None) -> None:
        self.put(replace(self.get(TicketType, ticket_type), limit=limit))
        if any((self.left_of_type(s.id, ticket_type) or 0) < 0 for s in self.all(Schedule)):
            raise Refused("capacity_below_sold")

    def lapse(self, reservation: int) -> None:
        """Time passes: not a command of ticketdb's."""
        found = self.get(Reservation, reservation)
        if found is not None and found.status == "held":
            self.put(replace(found, status="lapsed"))

    # The application's own table

    def follow(self, ids: Iterator[int], before: Booking | None, after: Booking) -> None:
        """A booking that names an occurrence is followed by a reservation, in every order and repetition."""
        self.put(after)
        if after.schedule is not None or (before is not None and before.schedule is not None):
            self.follow_seats(ids, before, after, *self.followers(after.id))
        if after.deleted:
            for mine in self.followers(after.id):
                self.put(replace(mine, booking=None))

    def follow_seats(
        self, ids: Iterator[int], before: Booking | None, after: Booking, mine: Reservation | None = None
    ) -> None:
        changed = before is None or before.tickets != after.tickets
        if before is not None and not changed and before.status == after.status and not after.deleted:
            return
        status = mine.status if mine else None
        if after.wants is None:
            if status in ("held", "lapsed"):
                self.put(replace(mine, status="released"))
            elif status in ("confirmed", "refund_due"):
                self.cancel(mine.id)
        elif after.wants == "held" and status in (None, "lapsed", "expired", "released", "cancelled"):
            mine = mine or self.booked(ids, after)
            # a lapsed hold gives up its old seats first
            self.put(replace(mine, status="expired"))
            refuse(self.not_orderable(after.schedule, after.ticket_type, after.attendees or 1, mine.user))
            self.put(as_booked(mine, after, self.price(after.schedule, after.ticket_type), "held"))
        elif after.wants == "confirmed" and status != "confirmed":
            # what was refunded or cancelled stays so while the booking only goes from paid to completed
            if mine is None or changed or before.status not in PAID:
                self.sell(mine or self.booked(ids, after), after)
        elif status in ("held", "confirmed") and changed and before is not None:
            self.change(mine, before, after)

    def booked(self, ids: Iterator[int], booking: Booking) -> Reservation:
        """The reservation that a booking begins with, before it has any seats."""
        nothing = Decimal(0)
        return Reservation(
            next(ids),
            booking.schedule,
            booking.ticket_type,
            booking.user,
            0,
            nothing,
            nothing,
            "expired",
            booking.id,
        )

    def sell(self, mine: Reservation, booking: Booking) -> None:
        """A payment of the application's is never refused."""
        reference = f"booking {booking.id}"
        price = self.price(booking.schedule, booking.ticket_type) or Decimal(0)
        sold = as_booked(mine, booking, price, "released")
        if mine.status in ("held", "lapsed") and sold.wish == mine.wish:
            sold = replace(sold, status=mine.status)
        self.put(sold)
        if self.get(Payment, reference) is None:
            self.put(Payment(reference, sold.id, sold.total))
        self.seat(sold, reference)

    def change(self, mine: Reservation, before: Booking, after: Booking) -> None:
        """Of a booking with seats only what the application changes is followed."""
        wanted = replace(
            mine,
            schedule=mine.schedule if after.schedule == before.schedule else after.schedule,
            ticket_type=mine.ticket_type if after.ticket_type == before.ticket_type else after.ticket_type,
            quantity=mine.quantity if after.attendees == before.attendees else after.attendees or 1,
        )
        price = self.price(wanted.schedule, wanted.ticket_type)
        reasons = set() if price is not None else {"ticket_type_not_found"}
        if wanted.schedule != mine.schedule or wanted.quantity > mine.quantity:
            reasons |= self.not_offered(wanted.schedule, wanted.ticket_type)
            if mine.status == "held":
                reasons |= self.above_limit(wanted.schedule, wanted.quantity, mine.user, mine)
        refuse(reasons)
        total = price * wanted.quantity if after.total is None else after.total
        self.put(replace(wanted, price=price, total=total))
        refuse(self.no_seats(wanted.schedule, wanted.ticket_type))


def as_booked(mine: Reservation, booking: Booking, price: Decimal, status: str) -> Reservation:
    quantity = booking.attendees or 1
    return replace(
        mine,
        schedule=booking.schedule,
        ticket_type=booking.ticket_type,
        quantity=quantity,
        price=price,
        total=price * quantity if booking.total is None else booking.total,
        status=status,
    )


def bad_arguments(quantity: int, hold: str | None = None) -> set[str]:
    """What is wrong with an order before anything is looked up."""
    reasons = set() if 1 <= quantity <= 10000 else {"invalid_quantity"}
    return reasons | {"invalid_argument"} if hold == "0" else reasons


def refuse(reasons: set[str]) -> None:
    if reasons:
        raise Refused(*reasons)
