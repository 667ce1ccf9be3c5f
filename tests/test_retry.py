"""A call is sent again after a deadlock or a lost connection, and only where that does no harm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from factories import NEXT_WEEK, define, reserve, schedule, sell, value
from psycopg.errors import DeadlockDetected

from ticketdb import Retry, SoldOut, TicketDB, _statements, retry
from ticketdb._statements import Statement

Connect = Callable[..., psycopg.Connection]

PATIENT = Retry(attempts=4, first_pause=0.001, longest_pause=0.002)
# fails as a deadlock does, so often as the sequence is below its start
DEADLOCKS = """
create sequence public.deadlocks;
create function public.meet_a_deadlock() returns trigger language plpgsql as $$
begin
    if nextval('public.deadlocks') <= {times} then
        raise exception 'deadlock detected' using errcode = '40P01';
    end if;
    return new;
end $$;
create trigger deadlock before insert on public.ticket_reservations
for each row execute function public.meet_a_deadlock();
"""


def deadlocks(admin: psycopg.Connection, times: int) -> Callable[[], int]:
    """Let the next reservations meet deadlocks; returns what counts the attempts."""
    admin.execute(DEADLOCKS.format(times=times))
    return lambda: value(admin, "select last_value from public.deadlocks")


def reservations(admin: psycopg.Connection) -> int:
    return value(admin, "select count(*) from public.ticket_reservations")


@dataclass
class Shop:
    """A client that is patient, on a connection of its own, and an occurrence with five places."""

    admin: psycopg.Connection
    client: TicketDB
    schedule_id: int

    def hang_up(self) -> None:
        self.admin.execute("select pg_terminate_backend(%s)", (self.client.connection.info.backend_pid,))


@pytest.fixture
def shop(db: str, connect: Connect):
    admin = connect()
    with TicketDB(db, retry=PATIENT) as client:
        yield Shop(admin, client, schedule(admin))


@pytest.fixture
def lose_answers(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The first answer of each kind is lost: the call was done, nobody was told. Returns what was sent."""
    source = shop.client._source
    fetch, sent = source.fetch, []

    def lose(statement: Statement[Any], parameters: Sequence[Any]) -> list[Any]:
        answer = fetch(statement, parameters)
        sent.append(statement.sql)
        if sent.count(statement.sql) == 1:
            shop.client.connection.close()
            raise psycopg.OperationalError("the connection was lost")
        return answer

    monkeypatch.setattr(source, "fetch", lose)
    return lambda: sent


# -- deadlocks


def test_a_call_with_a_key_is_repeated_after_deadlocks(shop: Shop) -> None:
    attempts = deadlocks(shop.admin, 3)
    shop.client.reserve_tickets(shop.schedule_id, idempotency_key="order-1")
    assert (attempts(), reservations(shop.admin)) == (4, 1)


def test_it_is_given_up_after_so_many_attempts(shop: Shop) -> None:
    attempts = deadlocks(shop.admin, 100)
    with pytest.raises(DeadlockDetected):
        shop.client.reserve_tickets(shop.schedule_id, idempotency_key="order-1")
    assert attempts() == PATIENT.attempts


def test_a_call_without_a_key_is_not_repeated(shop: Shop) -> None:
    attempts = deadlocks(shop.admin, 1)
    with pytest.raises(DeadlockDetected):
        shop.client.reserve_tickets(shop.schedule_id)
    assert attempts() == 1


def test_nothing_is_repeated_unasked(db: str, shop: Shop) -> None:
    attempts = deadlocks(shop.admin, 1)
    with TicketDB(db) as client, pytest.raises(DeadlockDetected):
        client.reserve_tickets(shop.schedule_id, idempotency_key="order-1")
    assert attempts() == 1


def test_a_refusal_is_not_repeated(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    fetch = shop.client._source.fetch
    monkeypatch.setattr(shop.client._source, "fetch", lambda *args: (calls.append(args), fetch(*args))[1])
    with pytest.raises(SoldOut):
        shop.client.reserve_tickets(shop.schedule_id, 6, idempotency_key="order-1")
    assert len(calls) == 1


def test_in_a_transaction_of_the_callers_the_decision_is_his(shop: Shop, connect: Connect) -> None:
    attempts = deadlocks(shop.admin, 1)
    mine = connect(autocommit=False)
    client = TicketDB(mine, retry=PATIENT)
    with pytest.raises(DeadlockDetected):
        client.reserve_tickets(shop.schedule_id, idempotency_key="order-1")
    assert attempts() == 1
    client.reserve_tickets(shop.schedule_id, idempotency_key="order-1")
    mine.commit()
    assert reservations(shop.admin) == 1


def test_on_a_connection_of_the_callers_a_call_that_is_a_transaction_is_repeated(
    shop: Shop, connect: Connect
) -> None:
    deadlocks(shop.admin, 1)
    TicketDB(connect(), retry=PATIENT).reserve_tickets(shop.schedule_id, idempotency_key="order-1")
    assert reservations(shop.admin) == 1


# -- lost connections


def test_a_call_with_a_key_survives_the_loss_of_the_connection(shop: Shop) -> None:
    shop.hang_up()
    shop.client.reserve_tickets(shop.schedule_id, idempotency_key="order-1")
    assert reservations(shop.admin) == 1


def test_a_call_without_a_key_does_not(shop: Shop) -> None:
    shop.hang_up()
    with pytest.raises(psycopg.OperationalError):
        shop.client.reserve_tickets(shop.schedule_id)
    assert reservations(shop.admin) == 0


def test_a_lost_connection_of_the_callers_is_his_loss(shop: Shop, connect: Connect) -> None:
    mine = connect()
    shop.admin.execute("select pg_terminate_backend(%s)", (mine.info.backend_pid,))
    with pytest.raises(psycopg.OperationalError):
        TicketDB(mine, retry=PATIENT).verify_inventory()


def test_no_sale_is_doubled_by_a_lost_answer(
    shop: Shop, lose_answers: Callable[[], list[str]], db: str
) -> None:
    client, class_ = shop.client, shop.schedule_id
    held = client.reserve_tickets(class_, 2, idempotency_key="order-1")
    paid = client.confirm_reservation(held.reservation_id, "pay-1")
    assert (paid.status, paid.tickets_sold) == ("confirmed", 2)
    scan = uuid4()
    assert client.check_in(paid.ticket_codes[0], scan_id=scan).result == "admitted"
    gone = client.cancel_reservation(held.reservation_id)
    assert (gone.status, gone.refund_due) == ("cancelled", 200)
    given_up = reserve(shop.admin, class_).reservation_id
    assert client.release_reservation(given_up).status == "released"
    assert len(lose_answers()) == 2 * len(set(lose_answers())) == 10
    with TicketDB(db) as fresh:
        assert fresh.verify_inventory() == []
    assert value(shop.admin, "select count(*) from public.ticket_payments") == 1
    assert value(shop.admin, "select count(*) from public.ticket_check_ins") == 1


@pytest.mark.usefixtures("lose_answers")
def test_what_may_have_been_done_is_not_done_again_without_a_key(shop: Shop) -> None:
    event = define(shop.admin, event_code="series")
    shop.client.connection.execute(
        "select public.generate_recurring_schedules(%s, %s, %s)", (event, NEXT_WEEK, NEXT_WEEK)
    )
    code = value(
        shop.admin, "select ticket_code from public.event_tickets where reservation_id = %s",
        sell(shop.admin, shop.schedule_id),
    )  # fmt: skip
    before = reservations(shop.admin)
    calls = [
        lambda client: client.reserve_tickets(shop.schedule_id),
        lambda client: client.reserve_series(event, NEXT_WEEK, NEXT_WEEK),
        lambda client: client.check_in(code),
    ]
    for call in calls:
        with pytest.raises(psycopg.OperationalError):
            call(shop.client)
    assert reservations(shop.admin) == before + 2
    assert value(shop.admin, "select count(*) from public.ticket_check_ins") == 1


def test_every_statement_that_needs_a_key_names_the_parameter_that_is_one(tx: psycopg.Connection) -> None:
    keyed = {
        name: statement.key
        for name, statement in vars(_statements).items()
        if isinstance(statement, Statement) and statement.key is not None
    }
    # a user has one place in a waiting list: joining again is asking for it
    keys = {"CHECK_IN": "p_scan_id", "JOIN_WAITLIST": "p_user_id"}
    orders = ("BUY_PASS", "RESERVE_SERIES", "RESERVE_TICKETS")
    assert keyed.keys() == {*keys, *orders}
    for name, key in keyed.items():
        names = value(
            tx,
            "select proargnames from pg_proc where proname = %s and pronamespace = 'public'::regnamespace",
            name.lower(),
        )
        assert names[key] == keys.get(name, "p_idempotency_key")


# -- the policy


def test_pauses_grow_and_are_cut_at_random() -> None:
    policy = Retry(first_pause=1.0, longest_pause=8.0)
    for failures, longest in ((1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (9, 8.0), (10_000, 8.0)):
        pauses = [policy.pause(failures) for _ in range(50)]
        assert longest / 2 <= min(pauses) < max(pauses) <= longest


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"first_pause": -1}, {"longest_pause": -1}])
def test_a_policy_without_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="attempts"):
        Retry(**wrong)


@pytest.mark.parametrize(
    ("error", "transient", "lost"),
    [
        (psycopg.errors.DeadlockDetected, True, False),
        (psycopg.errors.AdminShutdown, True, True),
        (psycopg.errors.CannotConnectNow, True, True),
        (psycopg.errors.ConnectionFailure, True, True),
        (psycopg.OperationalError, True, True),
        (psycopg.errors.ConnectionTimeout, True, True),
        (psycopg.errors.QueryCanceled, False, False),
        (psycopg.errors.LockNotAvailable, False, False),
        (psycopg.errors.UniqueViolation, False, False),
        (psycopg.InterfaceError, False, False),
    ],
)
def test_what_passes_by_itself_is_known_by_its_sqlstate(
    error: type[psycopg.Error], transient: bool, lost: bool
) -> None:
    assert (retry.is_transient(error("x")), retry.is_lost_connection(error("x"))) == (transient, lost)
