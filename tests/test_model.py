"""Random histories of every selling command, over several connections, held against a model after each step.

TICKETDB_MODEL_STEPS sets how many steps are made (10,000 by default), TICKETDB_MODEL_SEED repeats a run.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import chain, combinations, count, repeat
from typing import Any, TypeVar
from uuid import NAMESPACE_OID, uuid5

import psycopg
import pytest
from factories import NEXT_WEEK, define, schedule, ticket_type, user
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from model import (
    MOMENT,
    SQLSTATES,
    Booking,
    Event,
    Model,
    Payment,
    Refused,
    Reservation,
    Rows,
    Schedule,
    TicketType,
    Window,
)
from model_faults import FAULTS, Fault, plant
from psycopg.pq import TransactionStatus
from psycopg.types.json import set_json_loads
from race_helpers import Refusal

STEPS = int(os.environ.get("TICKETDB_MODEL_STEPS", "10000"))
SEED = int(os.environ.get("TICKETDB_MODEL_SEED") or secrets.randbits(32))
STEPS_OF_A_HISTORY = 100
STEPS_OF_A_DATABASE = 2_500  # verify_inventory() reads all of it
STEPS_TO_FIND_A_FAULT = 1_500
VERIFY_EVERY = 20

# Nobody waits for long: a command that meets another's lock is one that did not happen. And the same few
# statements come thousands of times: planned once, while tables are empty, they must serve when they are not.
OPTIONS = (
    "-c lock_timeout=5ms -c statement_timeout=10s -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"
)
BLOCKED = "55P03"
F = TypeVar("F", bound=Callable[..., None])
_numbers = count(1)

SEEN = """
select
    (
        select json_agg(json_build_array(
            s.id, s.max_tickets, s.tickets_sold, v.tickets_sold, v.tickets_held, v.tickets_available
        ) order by s.id)
        from public.event_schedules as s
        left join public.v_event_availability as v on v.schedule_id = s.id
        where s.id = any (%(schedules)s)
    ),
    (
        select json_agg(
            json_build_array(s.id, t.id, c.is_available, c.tickets_available) order by s.id, t.id nulls first
        )
        from unnest(%(schedules)s::int[]) as s (id)
        cross join unnest(%(types)s::int[]) as t (id)
        cross join lateral public.check_ticket_availability(s.id, 1, t.id) as c
    ),
    (
        select json_agg(json_build_array(
            r.id, r.schedule_id, r.ticket_type_id, r.user_id, r.quantity, r.unit_price, r.total_amount,
            case when r.status = 'held' and r.expires_at <= clock_timestamp() then 'lapsed' else r.status end,
            (select b.booking_reference from public.bookings as b where b.id = r.booking_id),
            (
                select coalesce(json_agg(t.status = 'valid' order by t.id), '[]')
                from public.event_tickets as t
                where t.reservation_id = r.id
            )
        ) order by r.id)
        from public.ticket_reservations as r
        where r.schedule_id = any (%(schedules)s)
    ),
    (
        select json_agg(json_build_array(
            p.payment_reference, p.reservation_id, p.amount, p.refund_due
        ) order by p.id)
        from public.ticket_payments as p
        join public.ticket_reservations as r on r.id = p.reservation_id
        where r.schedule_id = any (%(schedules)s)
    ),
    (
        select json_agg(json_build_array(p.schedule, p.people, p.tickets, p.paid) order by p.schedule)
        from (
            select pp.event_schedule_id, count(*), sum(pp.ticket_quantity), sum(pp.amount_paid)
            from public.program_participants as pp
            where pp.event_schedule_id = any (%(schedules)s) and pp.is_active
            group by pp.event_schedule_id
        ) as p (schedule, people, tickets, paid)
    )
"""


class Disagreement(AssertionError):
    """The database did something else than the model."""


class Client:
    """A connection. Its commands are transactions of their own, or parts of one that it has begun."""

    def __init__(self, dsn: str) -> None:
        self.connection = psycopg.connect(dsn, autocommit=True, options=OPTIONS)
        set_json_loads(partial(json.loads, parse_float=Decimal), self.connection)

    def ask(self, *statements: tuple[str, Sequence[Any]]) -> list[tuple[Any, ...]] | Refusal:
        """The rows of the last of these, of which only the first changes anything; or its refusal."""
        is_open = self.connection.info.transaction_status is not TransactionStatus.IDLE
        try:
            # what is refused in an open transaction is undone, and the transaction goes on
            with self.connection.transaction() if is_open else nullcontext():
                for statement, parameters in statements:
                    cursor = self.connection.execute(statement, parameters)
                return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            if error.sqlstate is None:
                raise
            detail = error.diag.message_detail or ""
            return Refusal(error.sqlstate, json.loads(detail)["reason"] if detail.startswith("{") else None)


class Place:
    """The database of a test, and how many steps were made on it."""

    def __init__(self, dsn: str) -> None:
        self.owner = Client(dsn)
        self.clients = [Client(dsn) for _ in range(4)]
        self.steps = 0
        self.story = ""  # what was said until the first disagreement, for one that does not come again


CLIENTS = st.sampled_from([0, 1, 2, 2, 3, 3])
# the last two may begin a transaction
PATIENT = st.integers(2, 3)
# which of the rows that the client sees, the newest first; None is one that there never was
WHICH = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 5, 8, 13, 21, None])
SHOP = st.sampled_from(["small", "big"])
SCHEDULES = st.sampled_from(["big"] * 9 + ["small"] * 9 + ["none"])
TYPES = st.sampled_from([None] * 10 + ["vip"] * 6 + ["plain"] * 3 + ["foreign"])
USERS = st.sampled_from([None, "asha", "asha", "dev"])
QUANTITIES = st.sampled_from([1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 9, 15, 24, 50, 70, 0])
KEYS = st.sampled_from([None, None, None, "new", "new", "one", "two"])
REFERENCES = st.sampled_from(["new"] * 9 + ["one", "two", ""])
AMOUNTS = st.sampled_from([None, None, "due", "due", "due", "less"])
HOLDS = st.sampled_from([None] * 9 + ["2 hours", "2 hours", MOMENT, MOMENT, MOMENT, "0"])
SAME = "same"

# what the venue says of an event, an occurrence or a ticket type: to begin with, and otherwise
ON_SALE = {
    "event_definitions": {"is_active": True},
    "event_schedules": {"status": "scheduled", "is_blocked": False},
    "ticket_types": {"is_active": True},
}
TERMS = [
    ("event", "is_active", False),
    ("event", "default_ticket_price", Decimal(120)),
    ("small", "status", "cancelled"),
    ("small", "status", "completed"),
    ("small", "is_blocked", True),
    ("big", "status", "cancelled"),
    ("big", "status", "completed"),
    ("big", "is_blocked", True),
    ("big", "ticket_price", None),
    ("vip", "is_active", False),
    ("vip", "price", Decimal("99.99")),
]
FIELDS = {
    "is_active": "active",
    "is_blocked": "blocked",
    "default_ticket_price": "price",
    "ticket_price": "price",
}
LIMITS = st.sampled_from([None, None, None, 0, 1, 2, 3, 4, 8])
# when a sale opens or closes, at a time or so long before the start, and whether that has come
NOW = datetime.now(UTC)
MOMENTS = {
    "never": (None, None, None),
    "an hour ago": (NOW - timedelta(hours=1), None, True),
    "in a day": (NOW + timedelta(days=1), None, False),
    "a month before": (None, timedelta(days=30), True),
    "at the start": (None, timedelta(0), False),
}
RECEIPT = "reservation_id, schedule_id, ticket_type_id, quantity, unit_price, total_amount, status"


ACTIONS: list[st.SearchStrategy[tuple[str, dict[str, Any]]]] = []


def action(weight: int = 1, **arguments: st.SearchStrategy[Any]) -> Callable[[F], F]:
    """Makes a method part of the histories. Rules of hypothesis would do, but could not be weighted, and each
    history would be of a random few of them: too few at a time for what takes five different ones."""

    def register(method: F) -> F:
        drawn = st.tuples(st.just(method.__name__), st.fixed_dictionaries(arguments))
        ACTIONS.extend([drawn] * weight)
        return method

    return register


class Selling(RuleBasedStateMachine):
    """A history. It has rows of its own, and its model knows only those."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.number = next(_numbers)
        owner = place.owner.connection
        event, other = (define(owner, default_ticket_price=price) for price in ("100.00", "70.00"))
        small = schedule(owner, event, max_tickets=4)
        big = schedule(
            owner, event, max_tickets=64, ticket_price="33.35", schedule_date=NEXT_WEEK + timedelta(days=1)
        )
        plain = ticket_type(owner, small, price="0")
        vip = ticket_type(owner, small, price="250.50", max_quantity=3)
        foreign = ticket_type(owner, schedule(owner, other))
        self.ids = {
            "event": event,
            "other": other,
            "small": small,
            "big": big,
            "none": 0,
            "plain": plain,
            "vip": vip,
            "foreign": foreign,
        }
        self.ids |= {name: user(owner) for name in ("asha", "dev")}
        # what an earlier history left behind is none of this one's business
        self.schedules = [small, big]
        known = Model()
        for row in (
            Event(event, Decimal(100)),
            Event(other, Decimal(70)),
            Schedule(small, event, 4, NEXT_WEEK),
            Schedule(big, event, 64, NEXT_WEEK + timedelta(days=1), Decimal("33.35")),
            TicketType(plain, event, Decimal(0)),
            TicketType(vip, event, Decimal("250.50"), limit=3),
            TicketType(foreign, other, Decimal(250)),
        ):
            known.put(row)
        self.committed: Rows = known.changes
        self.begun: dict[int, Rows] = {}
        self.fresh = count(1)
        self.story: list[str] = []
        self.steps = 0

    def teardown(self) -> None:
        for client in list(self.begun):
            self.say(client, "rollback")
        self.verify()

    # A step

    def view(self, client: int) -> Model:
        return Model(self.committed, self.begun.get(client, {}))

    def command(
        self,
        client: int,
        predict: Callable[[Model, Iterator[int]], list[Any]],
        *statements: tuple[str, Sequence[Any]],
        in_the_way: tuple[str, ...] = (BLOCKED,),
    ) -> None:
        """Let the database do something, and the model; answers must be alike, and all that can be seen.

        `in_the_way`: what the answer may be as well while others have transactions open.
        """
        answer = self.ask(client, *statements)
        others = self.begun.keys() - {client}
        if not (others and isinstance(answer, Refusal) and {*answer} & {*in_the_way}):
            model = self.view(client)
            # ids are the database's to choose
            ids = [] if isinstance(answer, Refusal) else [row[0] for row in answer]
            try:
                expected = predict(model, chain(ids, repeat(-1)))
            except Refused as refused:
                told = [Refusal(SQLSTATES[reason], reason) for reason in refused.reasons]
                self.agree(answer, answer if answer in told else told, "refusal")
            else:
                self.agree(answer, expected or [], "answer")
                self.begun.get(client, self.committed).update(model.changes)
        self.compare(client)

    def compare(self, client: int) -> None:
        self.place.steps += 1
        self.steps += 1
        if client in self.begun:
            # what everybody else sees is not changed by this, as their next step will show
            self.compare_view(self.place.clients[client], self.committed, self.begun[client])
        else:
            self.compare_view(self.place.owner, self.committed)
        # whatever of it is committed in the end
        for some in range(len(self.begun) + 1):
            for layers in combinations(self.begun.values(), some):
                self.check_promises(Model(self.committed, *layers))
        if self.steps % VERIFY_EVERY == 0:
            self.verify()

    def compare_view(self, client: Client, *layers: Rows) -> None:
        """What a client sees must be what the model says that it sees."""
        model = Model(*layers)
        schedules, types = self.schedules, [None, self.ids["plain"], self.ids["vip"]]
        (seen,) = client.connection.execute(SEEN, {"schedules": schedules, "types": types}).fetchall()
        sold, checks, reservations, payments, people = (rows or [] for rows in seen)
        for told in reservations:
            known = model.get(Reservation, told[0])
            if known is not None and (now := left_to_the_database(known, told[7], told[9])) != known:
                layers[-1][Reservation, known.id] = now
                model.put(now)

        self.agree(sold, [on_sale(model, s) for s in schedules], "schedules")
        self.agree(
            checks,
            [[s, t, model.is_available(s, t), model.available(s, t)] for s in schedules for t in types],
            "availability by schedule and ticket type",
        )
        self.agree_rows(reservations, [reservation_row(r) for r in model.all(Reservation)], "reservations")
        self.agree_rows(
            payments, [[p.id, p.reservation, p.amount, p.refund_due] for p in model.all(Payment)], "payments"
        )
        self.agree_rows(people, [row for s in schedules if (row := people_row(model, s))], "participants")

    def check_promises(self, model: Model) -> None:
        """No seat is promised twice, committed or not."""
        for name in ("small", "big"):
            self.agree(model.left(self.ids[name]) >= 0, True, f"{name} has the seats that it promised")
            left = model.left_of_type(self.ids[name], self.ids["vip"]) or 0
            self.agree(left >= 0, True, f"{name} has the seats of a type that it promised")

    def verify(self) -> None:
        wrong = "select * from public.verify_inventory() as v where v.schedule_id = any (%s)"
        self.agree(self.place.owner.ask((wrong, (self.schedules,))), [], "verify_inventory()")

    def agree(self, told: Any, expected: Any, about: str) -> None:
        if told != expected:
            difference = f"{about}\n  database: {told}\n  model:    {expected}"
            self.place.story = self.place.story or "\n".join([*self.story, difference])
            raise Disagreement(difference)

    def agree_rows(self, told: list[list[Any]], expected: list[list[Any]], about: str) -> None:
        """Whatever their order; says only what differs."""
        by_id = {row[0]: row for row in expected}
        others = [row for row in told if by_id.get(row[0]) != row]
        missing = [row for row in expected if row not in told]
        self.agree(others, missing, about)

    def ask(self, client: int, *statements: tuple[str, Sequence[Any]]) -> list[tuple[Any, ...]] | Refusal:
        answer = self.place.clients[client].ask(*statements)
        told = "; ".join(f"{' '.join(text.split())} {list(values)}" for text, values in statements)
        self.story.append(f"client {client}: {told}\n  {answer}")
        return answer

    def say(self, client: int, statement: str) -> None:
        self.place.clients[client].connection.execute(statement)
        self.story.append(f"client {client}: {statement}")

    # Picking

    def pick(self, client: int, kind: type, which: int | None) -> Any:
        rows = [row for row in self.view(client).all(kind) if not getattr(row, "deleted", False)]
        return rows[-1 - which % len(rows)] if rows and which is not None else None

    def id_of(self, name: str | None) -> int | None:
        return None if name is None else self.ids[name]

    def own(self, name: str | None) -> str | None:
        """A key or reference of this history alone."""
        return name and f"{self.number} {next(self.fresh) if name == 'new' else name}"

    @initialize(
        orders=st.lists(st.tuples(SHOP, st.integers(1, 3), TYPES, USERS), max_size=3),
        bookings=st.lists(
            st.tuples(SHOP, TYPES, USERS, st.integers(1, 3), st.none(), st.sampled_from(["pending", "paid"])),
            max_size=2,
        ),
        per_order=st.sampled_from([None, None, None, 3]),
        per_user=st.sampled_from([None, 3]),
        calm=st.booleans(),
    )
    def open_shop(
        self,
        orders: list[tuple[Any, ...]],
        bookings: list[tuple[Any, ...]],
        per_order: int | None,
        per_user: int | None,
        calm: bool,
    ) -> None:
        """There is something to pay, to change and to give up. A calm shop does not close."""
        self.calm = calm
        self.set(0, "event", max_per_order=per_order, limit_per_user=per_user)
        for order in (("big", 1, None, None), *orders):
            self.reserve(self.steps % 4, *order, None, None)
        for booking in bookings:
            self.book(self.steps % 4, *booking)

    @rule(chosen=st.deferred(lambda: st.one_of(ACTIONS)))
    def act(self, chosen: tuple[str, dict[str, Any]]) -> None:
        name, arguments = chosen
        getattr(self, name)(**arguments)

    # Transactions that stay open

    @action(weight=2, client=PATIENT)
    def begin(self, client: int) -> None:
        if client not in self.begun:
            self.say(client, "begin")
            self.begun[client] = {}

    @action(weight=2, client=PATIENT, how=st.sampled_from(["commit", "commit", "rollback"]))
    def end(self, client: int, how: str) -> None:
        if client in self.begun:
            changes = self.begun.pop(client)
            self.say(client, how)
            if how == "commit":
                self.committed.update(changes)
            self.compare(client)

    # Reservations

    @action(
        weight=5,
        client=CLIENTS,
        schedule=SCHEDULES,
        quantity=QUANTITIES,
        ticket_type=TYPES,
        user=USERS,
        key=KEYS,
        hold=HOLDS,
    )
    def reserve(
        self,
        client: int,
        schedule: str,
        quantity: int,
        ticket_type: str | None,
        user: str | None,
        key: str | None,
        hold: str | None,
    ) -> None:
        self.order(
            client,
            self.ids[schedule],
            quantity,
            self.id_of(ticket_type),
            self.id_of(user),
            self.own(key),
            hold,
        )

    @action(
        weight=2, client=CLIENTS, schedule=SHOP, quantity=st.integers(1, 4), ticket_type=TYPES, user=USERS
    )
    def sell(
        self, client: int, schedule: str, quantity: int, ticket_type: str | None, user: str | None
    ) -> None:
        """Reserve and pay, as most buyers do."""
        before = len(self.view(client).all(Reservation))
        self.reserve(client, schedule, quantity, ticket_type, user, None, None)
        if len(self.view(client).all(Reservation)) > before:
            self.confirm(client, 0, "new", "due", [])

    @action(client=CLIENTS, which=WHICH, more=st.sampled_from([0, 0, 1]))
    def order_again(self, client: int, which: int | None, more: int) -> None:
        """The same key from any connection, with the same arguments or others."""
        orders = [r.order for r in self.view(client).all(Reservation) if r.order]
        if orders:
            key, place, quantity, *rest = orders[-1 - (which or 0) % len(orders)]
            if isinstance(quantity, int):
                self.order(client, place, quantity + more, *rest[:2], key, *rest[2:])
            else:
                self.series(client, place, quantity, rest[0] + more, rest[1], key)

    def order(self, client: int, *order: Any) -> None:
        schedule, quantity, ticket_type, user, key, hold = order
        self.command(
            client,
            lambda model, ids: [model.reserve(ids, *order)],
            (
                f"select {RECEIPT} from public.reserve_tickets(%s, %s, %s, %s, %s, %s)",
                (schedule, quantity, ticket_type, user, hold, key),
            ),
        )

    @action(
        weight=2,
        client=CLIENTS,
        event=st.sampled_from(["event"] * 7 + ["none"]),
        days=st.sampled_from([(0, 1)] * 5 + [(0, 0), (1, 9), (1, 1), (2, 3)]),
        quantity=st.sampled_from([1, 1, 1, 2, 2, 3, 4, 0]),
        user=USERS,
        key=KEYS,
    )
    def reserve_series(
        self, client: int, event: str, days: tuple[int, int], quantity: int, user: str | None, key: str | None
    ) -> None:
        dates = tuple(NEXT_WEEK + timedelta(days=n) for n in days)
        self.series(client, self.ids[event], dates, quantity, self.id_of(user), self.own(key))

    def series(self, client: int, *series: Any) -> None:
        event, dates, quantity, user, key = series
        self.command(
            client,
            lambda model, ids: model.reserve_series(ids, *series),
            (
                f"select {RECEIPT} from public.reserve_series(%s, %s, %s, %s, %s, %s)",
                (event, *dates, quantity, user, key),
            ),
        )

    @action(
        weight=3,
        client=CLIENTS,
        which=WHICH,
        reference=REFERENCES,
        amount=AMOUNTS,
        people=st.sampled_from([[], [], [], [1], [1], [2], [1, 1], [3, 2]]),
    )
    def confirm(
        self, client: int, which: int | None, reference: str, amount: str | None, people: list[int]
    ) -> None:
        found = self.pick(client, Reservation, which)
        due = found.total if found else Decimal(1)
        self.pay(client, found.id if found else 0, self.own(reference), less(amount, due), people)

    @action(client=CLIENTS, which=WHICH, amount=AMOUNTS)
    def pay_again(self, client: int, which: int | None, amount: str | None) -> None:
        found = self.pick(client, Payment, which)
        if found:
            self.pay(client, found.reservation, found.id, less(amount, found.amount), [])

    def pay(
        self, client: int, reservation: int, reference: str, amount: Decimal | None, people: list[int]
    ) -> None:
        named = json.dumps([{"name": f"Guest {n}", "quantity": n} for n in people]) if people else None
        self.command(
            client,
            lambda model, _: [model.confirm(reservation, reference, amount, people)],
            (
                """
                select status, tickets_sold, cardinality(ticket_codes), refund_due
                from public.confirm_reservation(%s, %s, %s, %s)
                """,
                (reservation, reference, amount, named),
            ),
        )

    @action(weight=3, client=CLIENTS, which=WHICH, by=st.sampled_from(["buyer", "venue", "venue"]))
    def give_up(self, client: int, which: int | None, by: str) -> None:
        found = self.pick(client, Reservation, which)
        reservation = found.id if found else 0
        if by == "buyer":
            self.command(
                client,
                lambda model, _: [model.release(reservation)],
                (f"select {RECEIPT} from public.release_reservation(%s)", (reservation,)),
            )
        else:
            self.command(
                client,
                lambda model, _: [model.cancel(reservation)],
                (
                    "select reservation_id, status, refund_due from public.cancel_reservation(%s)",
                    (reservation,),
                ),
            )

    @action(
        weight=2,
        client=CLIENTS,
        which=WHICH,
        number=st.sampled_from([0, 0, 0, 1, 2]),
        schedule=st.sampled_from([None, None, "small", "big"]),
        scan=st.sampled_from([None, "new", "new", "one"]),
    )
    def check_in(
        self, client: int, which: int | None, number: int, schedule: str | None, scan: str | None
    ) -> None:
        with_tickets = [r.id for r in self.view(client).all(Reservation) if r.issued]
        reservation = (
            with_tickets[-1 - which % len(with_tickets)] if with_tickets and which is not None else 0
        )
        schedule_id = self.id_of(schedule)
        scan_id = uuid5(NAMESPACE_OID, self.own(scan)) if scan else None
        self.command(
            client,
            lambda model, _: [model.check_in(reservation, number, schedule_id, scan_id)],
            (
                """
                select c.result, c.scan_count
                from public.check_in(
                    coalesce(
                        (
                            select t.ticket_code from public.event_tickets as t
                            where t.reservation_id = %s order by t.id limit 1 offset %s
                        ),
                        gen_random_uuid()
                    ),
                    %s, 'North', %s
                ) as c
                """,
                (reservation, number, schedule_id, scan_id),
            ),
        )

    @action(weight=2, client=CLIENTS, which=WHICH)
    def lapse(self, client: int, which: int | None) -> None:
        held = [r for r in self.view(client).all(Reservation) if r.status == "held"]
        if held:
            reservation = held[-1 - (which or 0) % len(held)].id
            self.command(
                client,
                lambda model, _: model.lapse(reservation),
                (
                    """
                    update public.ticket_reservations
                    set expires_at = clock_timestamp() - interval '1 second'
                    where id = %s and status = 'held'
                    """,
                    (reservation,),
                ),
            )

    # What the venue changes while it sells

    @action(
        weight=2,
        client=CLIENTS,
        what=st.sampled_from(["small", "big", "vip"]),
        small=st.sampled_from([4, 5, 6, 3, 2, 0]),
        big=st.sampled_from([64, 80, 100, 47, 30, 20, 12, 5]),
        vip=st.sampled_from([3, 4, 6, 12, 40, None, 2, 1, 0]),
        hurried=st.sampled_from([True, True, True, False]),
    )
    def resize(self, client: int, what: str, small: int, big: int, vip: int | None, hurried: bool) -> None:
        if hurried and self.begun.keys() - {client}:
            return  # it looks for a fifth of a second whether others get out of the way
        row_id, column = self.ids[what], "max_quantity" if what == "vip" else "max_tickets"
        number = {"small": small, "big": big, "vip": vip}[what]
        self.command(
            client,
            lambda model, _: (model.set_limit if what == "vip" else model.set_capacity)(row_id, number),
            (f"update public.{self.table(what)} set {column} = %s where id = %s", (number, row_id)),
            # a lapsed hold that somebody is just paying or giving up counts as held
            in_the_way=(BLOCKED, "capacity_below_sold"),
        )

    @action(client=CLIENTS, terms=st.sampled_from(TERMS), back=st.sampled_from([True, True, False]))
    def change_terms(self, client: int, terms: tuple[str, str, Any], back: bool) -> None:
        """Takes something off sale, changes a price, or puts it all back on sale."""
        if self.calm:
            return
        what, column, value = terms
        self.set(client, what, **(ON_SALE[self.table(what)] if back else {column: value}))

    @action(
        client=CLIENTS,
        what=st.sampled_from(["event", "small", "big", "vip"]),
        per_order=LIMITS,
        per_user=LIMITS,
        opens=st.sampled_from(["never", "never", *MOMENTS]),
        closes=st.sampled_from(["never", "never", *MOMENTS]),
    )
    def limit(
        self, client: int, what: str, per_order: int | None, per_user: int | None, opens: str, closes: str
    ) -> None:
        """Says how many may be bought, and when; of a ticket type only when."""
        if self.calm:
            return
        columns = {} if what == "vip" else {"max_per_order": per_order, "limit_per_user": per_user}
        window = {}
        for verb, moment in (("open", opens), ("close", closes)):
            at, before, window[verb] = MOMENTS[moment]
            columns |= {f"sales_{verb}_at": at, f"sales_{verb}_before": before}
        self.set(client, what, Window(window["open"], window["close"]), **columns)

    def table(self, what: str) -> str:
        return {"event": "event_definitions", "vip": "ticket_types"}.get(what, "event_schedules")

    def set(self, client: int, what: str, window: Window | None = None, **columns: Any) -> None:
        kind = {"event": Event, "vip": TicketType}.get(what, Schedule)
        known = {field.name for field in fields(kind)}  # the model has one window for four columns
        new = {FIELDS.get(column, column): value for column, value in columns.items()}
        new = {name: value for name, value in new.items() if name in known}
        if window is not None:
            new["window"] = window
        assignments = ", ".join(f"{column} = %s" for column in columns)
        self.command(
            client,
            lambda model, _: model.put(replace(model.get(kind, self.ids[what]), **new)),
            (
                f"update public.{self.table(what)} set {assignments} where id = %s",
                (*columns.values(), self.ids[what]),
            ),
        )

    # The application's own table

    @action(
        weight=2,
        client=CLIENTS,
        schedule=st.sampled_from(["small", "small", "small", "big", "big", "big", None]),
        ticket_type=TYPES,
        user=USERS,
        attendees=st.sampled_from([1, 1, 2, 2, 3, 4, 6, 0, None]),
        total=st.sampled_from([None, Decimal("300.00")]),
        status=st.sampled_from(["pending", "pending", "paid", "confirmed", "cancelled"]),
    )
    def book(
        self,
        client: int,
        schedule: str | None,
        ticket_type: str | None,
        user: str | None,
        attendees: int | None,
        total: Decimal | None,
        status: str,
    ) -> None:
        booking = Booking(
            self.own("new"), self.id_of(schedule), self.id_of(ticket_type), self.id_of(user), attendees,
            total, status,
        )  # fmt: skip
        self.follow(
            client, None, booking,
            """
            insert into public.bookings (
                event_schedule_id, ticket_type_id, attendees, status, user_id, total_amount,
                booking_reference, start_datetime, end_datetime
            ) values (%s, %s, %s, %s, %s, %s, %s, now(), now())
            """,
            (*booking.tickets, status, booking.user, total, booking.id),
        )  # fmt: skip

    @action(
        weight=4,
        client=CLIENTS,
        which=WHICH,
        schedule=st.sampled_from([SAME, SAME, SAME, SAME, "small", "big", None]),
        ticket_type=st.sampled_from([SAME, SAME, SAME, SAME, "vip", "plain", None, "foreign"]),
        attendees=st.sampled_from([SAME, SAME, SAME, 1, 2, 3, 5, 6, 9, None]),
        status=st.sampled_from(
            [SAME, SAME, SAME, "pending", "paid", "paid", "completed", "cancelled", "deleted"]
        ),
    )
    def change_booking(
        self,
        client: int,
        which: int | None,
        schedule: str | None,
        ticket_type: str | None,
        attendees: int | str | None,
        status: str,
    ) -> None:
        before = self.pick(client, Booking, which)
        if before is None:
            return
        if status == "deleted":
            after = replace(before, deleted=True)
            self.follow(
                client, before, after,
                "delete from public.bookings where booking_reference = %s", (before.id,),
            )  # fmt: skip
            return
        after = replace(
            before,
            schedule=before.schedule if schedule == SAME else self.id_of(schedule),
            ticket_type=before.ticket_type if ticket_type == SAME else self.id_of(ticket_type),
            attendees=before.attendees if attendees == SAME else attendees,
            status=before.status if status == SAME else status,
        )
        self.follow(
            client, before, after,
            """
            update public.bookings
            set event_schedule_id = %s, ticket_type_id = %s, attendees = %s, status = %s
            where booking_reference = %s
            """,
            (*after.tickets, after.status, after.id),
        )  # fmt: skip

    def follow(
        self, client: int, before: Booking | None, after: Booking, statement: str, parameters: Sequence[Any]
    ) -> None:
        def predict(model: Model, ids: Iterator[int]) -> list[tuple[int]]:
            model.follow(ids, before, after)
            return [(r.id,) for r in model.followers(after.id)]

        self.command(
            client,
            predict,
            (statement, parameters),
            (
                """
                select r.id
                from public.ticket_reservations as r
                join public.bookings as b on b.id = r.booking_id
                where b.booking_reference = %s
                """,
                (after.id,),
            ),
        )


def less(amount: str | None, due: Decimal) -> Decimal | None:
    return {None: None, "due": due, "less": due - Decimal("0.01")}[amount]


def on_sale(model: Model, schedule_id: int) -> list[Any]:
    """A row of event_schedules, and what v_event_availability has to say about it."""
    row, sold = model.get(Schedule, schedule_id), model.sold(schedule_id)
    listed = row.status == "scheduled" and model.get(Event, row.event).active
    view = [sold, model.held(schedule_id), model.available(schedule_id)] if listed else [None, None, None]
    return [schedule_id, row.capacity, sold, *view]


def reservation_row(r: Reservation) -> list[Any]:
    return [
        r.id, r.schedule, r.ticket_type, r.user, r.quantity, r.price, r.total, r.status, r.booking,
        list(r.issued),
    ]  # fmt: skip


def left_to_the_database(r: Reservation, status: str, issued: list[bool]) -> Reservation:
    """The row with what is not promised: when a lapsed hold is swept, void tickets that nobody was given."""
    if (r.status, status) == ("lapsed", "expired"):
        r = replace(r, status="expired")
    before = len(r.issued)
    if issued[:before] == [*r.issued] and not any(issued[before:]):
        r = replace(r, issued=tuple(issued))
    return r


def people_row(model: Model, schedule_id: int) -> list[Any] | None:
    """Who comes of sales that are no booking's: how many rows, for how many tickets, and what they paid."""
    with_people = [r for r in model.on(schedule_id) if r.people]
    if not with_people:
        return None
    return [
        schedule_id,
        sum(r.people for r in with_people),
        sum(r.quantity for r in with_people),
        sum(r.total for r in with_people),
    ]


def play(dsn: str, steps: int, first_seed: int, *phases: Phase) -> None:
    """Play histories of so many steps in all."""
    place = Place(dsn)
    try:
        for turn in count():
            left = steps - place.steps
            if left <= 0:
                return
            # an action that finds nothing to act on makes no step, so this may take some turns
            run_state_machine_as_test(
                seed(first_seed + turn)(lambda: Selling(place)),
                settings=settings(
                    max_examples=max(10, left // STEPS_OF_A_HISTORY),
                    stateful_step_count=STEPS_OF_A_HISTORY,
                    phases=phases,
                    database=None,
                    deadline=None,
                    print_blob=True,
                    report_multiple_bugs=False,
                    suppress_health_check=list(HealthCheck),
                ),
            )
    finally:
        print(f"TICKETDB_MODEL_SEED={SEED} repeats this. The first disagreement:\n{place.story}")
        for client in (place.owner, *place.clients):
            client.connection.close()


@pytest.mark.parametrize("made", range(0, STEPS, STEPS_OF_A_DATABASE))
def test_every_history_goes_as_the_model_says(db: str, made: int) -> None:
    play(db, min(STEPS - made, STEPS_OF_A_DATABASE), SEED + made, Phase.generate, Phase.shrink)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found(db: str, fault: Fault) -> None:
    plant(db, fault)
    with pytest.raises((Disagreement, Flaky)):
        play(db, STEPS_TO_FIND_A_FAULT, SEED, Phase.generate)
