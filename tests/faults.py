"""Sellers that write down what they are told, and what must be there of it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from factories import rows
from race_helpers import Client, Refusal
from race_shop import BROKEN_RULES

SELLERS = 32
# What a call may have done when no answer came.
OUTCOMES = {
    "reserve": {"held"},
    "confirm": {"confirmed", "refund_due"},
    "release": {"released"},
    "cancel": {"cancelled"},
}
PAID = {"confirmed", "refund_due", "cancelled"}
TIMEOUTS = {"57014", "55P03"}
FATES = ("confirm", "confirm", "confirm", "cancel", "release", "walk away")


class Seller:
    """Sells to one party after the other. Every call is written down before it is made, and its answer before
    the next call: a seller who dies leaves behind what he was told."""

    def __init__(
        self,
        connect: Callable[[], psycopg.Connection],
        journal: Path,
        schedules: Sequence[int],
        hold_for: str | None = None,
        fates: Sequence[str] = FATES,
    ) -> None:
        self.connect, self.schedules, self.hold_for, self.fates = connect, schedules, hold_for, fates
        self.client = Client(connect())
        self.name, self.journal = journal.name, journal
        self.chance = random.Random(self.name)
        self.parties = self.answers = 0
        self.unanswered: tuple[Any, ...] | None = None

    def run(self, until: Callable[[], bool]) -> bool:
        """Sell for as long as it may go on; False if the connection was lost."""
        try:
            while not until():
                self.serve()
        except psycopg.OperationalError:
            if not self.client.connection.closed:
                raise
            return False
        return True

    def serve(self) -> None:
        """One party of one to six, for the first occurrence more often than for the others."""
        self.parties += 1
        key = f"{self.name}-{self.parties}"
        schedule = self.chance.choice([self.schedules[0], *self.schedules])
        held = self.call(key, "reserve", schedule, self.chance.randint(1, 6))
        if isinstance(held, Refusal):
            return
        fate = self.chance.choice(self.fates)
        if fate == "release":
            self.call(key, "release", held.reservation_id)
        if fate in ("confirm", "cancel"):
            sold = self.call(key, "confirm", held.reservation_id)
            if fate == "cancel" and not isinstance(sold, Refusal) and sold.status == "confirmed":
                self.call(key, "cancel", held.reservation_id)

    def call(self, key: str, call: str, *arguments: Any) -> Any:
        """Make a call, three times if it takes too long: key and reference say that it is the same."""
        for _ in range(3):
            self.unanswered = (key, call, *arguments)
            self.write(key=key, call=call)
            answer = self.ask(key, call, *arguments)
            self.unanswered = None
            self.answers += 1
            if isinstance(answer, Refusal):
                self.write(key=key, refused=answer.sqlstate, reason=answer.reason)
                if answer.sqlstate in TIMEOUTS:
                    continue
            else:
                codes = [str(code) for code in getattr(answer, "ticket_codes", [])]
                self.write(key=key, id=answer.reservation_id, status=answer.status, codes=codes)
            break
        return answer

    def ask(self, key: str, call: str, *arguments: Any) -> Any:
        if call == "reserve":
            return self.client.reserve(*arguments, key=key, hold_for=self.hold_for)
        if call == "confirm":
            return self.client.confirm(*arguments, f"pay {key}")
        return getattr(self.client, call)(*arguments)

    def write(self, **note: Any) -> None:
        with self.journal.open("ab", buffering=0) as file:
            file.write(json.dumps(note).encode() + b"\n")

    def resume(self) -> None:
        """Come back after the connection was lost, and ask again what was not answered."""
        self.client.connection.close()
        self.client = Client(self.connect())
        if self.unanswered:
            self.call(*self.unanswered)


@contextmanager
def staff(
    connect: Callable[[], psycopg.Connection], folder: Path, schedules: Sequence[int], **options: Any
) -> Iterator[list[Seller]]:
    """Sellers whose journals are in this folder; their connections are closed at the end."""
    sellers: list[Seller] = []
    try:
        for number in range(SELLERS):
            sellers.append(Seller(connect, folder / f"{folder.name}-{number}", schedules, **options))  # noqa: PERF401
        yield sellers
    finally:
        for seller in sellers:
            seller.client.connection.close()


@dataclass
class Order:
    """What was asked and told about one party."""

    known: set[str | None] = field(default_factory=lambda: {None})  # one of these its status is, None: no row
    pending: set[str] = field(default_factory=set)  # or one of these, if the last call was done unanswered
    id: int | None = None
    codes: set[str] = field(default_factory=set)
    refusals: list[tuple[str, str | None]] = field(default_factory=list)

    def take(self, note: dict[str, Any]) -> None:
        if "call" in note:
            self.known |= self.pending
            self.pending = OUTCOMES[note["call"]]
            return
        self.pending = set()
        if "refused" in note:
            self.refusals.append((note["refused"], note["reason"]))
        else:
            self.known, self.id = {note["status"]}, note["id"]
            self.codes = set(note["codes"])

    def may_be(self) -> set[str | None]:
        possible = self.known | self.pending
        return possible | {"expired"} if "held" in possible else possible


def read_journals(folder: Path) -> dict[str, Order]:
    """What the sellers of a folder wrote down, by idempotency key."""
    orders: dict[str, Order] = {}
    for journal in sorted(folder.iterdir()):
        for line in journal.read_text().splitlines():
            note = json.loads(line)
            orders.setdefault(note["key"], Order()).take(note)
    return orders


FOUND = """
select
    r.idempotency_key as key, r.id, r.status, r.total_amount as due, p.payment_reference as reference,
    p.amount, p.refund_due as refund,
    array(
        select t.ticket_code::text from public.event_tickets as t
        where t.reservation_id = r.id and t.status = 'valid'
    ) as codes
from public.ticket_reservations as r
left join public.ticket_payments as p on p.reservation_id = r.id
where r.idempotency_key is not null
"""


def broken_promises(connection: psycopg.Connection, orders: dict[str, Order]) -> list[Any]:
    """Orders of which something else is in the database than was told; and rows that nobody asked for."""
    found = rows(connection, FOUND)
    kept = {row.key: row for row in found if row.key in orders and _kept(row, orders[row.key])}
    absent = {key for key, order in orders.items() if None in order.may_be()} - {row.key for row in found}
    broken = [(key, order) for key, order in orders.items() if key not in kept and key not in absent]
    return broken + [row for row in found if row.key not in kept]


def _kept(row: Any, order: Order) -> bool:
    paid = row.status in PAID
    refund = 0 if row.status == "confirmed" else row.due
    return (
        row.status in order.may_be()
        and order.id in (None, row.id)
        and (row.reference, row.amount, row.refund)
        == ((f"pay {row.key}", row.due, refund) if paid else (None, None, None))
        # a ticket that was handed out lets somebody in
        and (row.status != "confirmed" or not order.codes or set(row.codes) == order.codes)
    )


def assert_promises_kept(connection: psycopg.Connection, folder: Path) -> dict[str, Order]:
    """What the sellers were told is so, nothing is oversold and every counter is right."""
    orders = read_journals(folder)
    broken = [*broken_promises(connection, orders), *connection.execute(BROKEN_RULES).fetchall()]
    assert not broken, broken[:10]
    return orders


def buy(client: Client, schedule_id: int, quantity: int) -> Refusal | None:
    """Reserve and pay, each in a transaction of its own."""
    held = client.reserve(schedule_id, quantity)
    if isinstance(held, Refusal):
        return held
    paid = client.confirm(held.reservation_id, f"pay {held.reservation_id}")
    assert getattr(paid, "status", None) == "confirmed", paid
    return None


def buy_until_sold_out(client: Client, schedule_id: int) -> list[Refusal]:
    """Parties of six down to one, a smaller one each time there are not enough seats."""
    chance, largest, refusals = random.Random(client.pid), 6, []
    while largest:
        quantity = chance.randint(1, largest)
        if refusal := buy(client, schedule_id, quantity):
            refusals.append(refusal)
            largest = quantity - 1
    return refusals
