"""A call by itself never ends in a deadlock, and nobody is turned away while there are seats for him."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg
import pytest
from factories import assert_sound, counters, schedule, value
from faults import assert_promises_kept, buy, buy_until_sold_out, staff
from race_helpers import SOLD_OUT, Client, Refusal, crowd, wait_until_alone

Connect = Callable[..., psycopg.Connection]
SECONDS = 2.5
BUYERS = 32
EXPIRED = Refusal("PT410", "reservation_expired")
DEADLOCKS = "select d.deadlocks from pg_stat_database as d where d.datname = current_database()"


@pytest.fixture
def buyers(connect: Connect) -> list[Client]:
    return [Client(connect()) for _ in range(BUYERS)]


def singles(clients: list[Client], schedule_id: int, *, sold: int, lapsed: int) -> None:
    """Sell single tickets from all connections, as evenly as it goes; others let their holds lapse."""

    def sell(number: int) -> None:
        for _ in range(number, sold, len(clients)):
            assert buy(clients[number], schedule_id, 1) is None
        for _ in range(number, lapsed, len(clients)):
            assert clients[number].reserve(schedule_id, hold_for="1 millisecond").status == "held"

    crowd([partial(sell, n) for n in range(len(clients))])
    time.sleep(0.01)


def test_storm_of_single_calls_has_no_deadlock_and_sells_every_seat(connect: Connect, tmp_path: Path) -> None:
    """Reserve, confirm, release and cancel for parties of any size take their locks in one order. When
    nothing is given back any more, the last seats go, among them those of lapsed holds.

    Half a dozen parties that walk away are enough to hold all seats for a while: a slow machine sees
    ``sold_out`` too."""
    admin = connect()
    hot = schedule(admin, max_tickets=20)
    fates = ("cancel", "cancel", "release", "walk away")
    with staff(
        lambda: connect(options="-c deadlock_timeout=10ms"),
        tmp_path, [hot], hold_for="400 milliseconds", fates=fates,
    ) as sellers:  # fmt: skip
        end = time.monotonic() + SECONDS
        crowd([partial(s.run, lambda: time.monotonic() > end) for s in sellers])
        orders = assert_promises_kept(admin, tmp_path).values()
        refusals = {refusal for order in orders for refusal in order.refusals}
        assert refusals <= {SOLD_OUT, EXPIRED}
        assert SOLD_OUT in refusals
        time.sleep(0.4)
        last = crowd([partial(buy_until_sold_out, s.client, hot) for s in sellers])
    assert {refusal for refusals in last for refusal in refusals} == {SOLD_OUT}
    assert counters(admin, hot) == (0, 0, 20)
    assert_promises_kept(admin, tmp_path)
    wait_until_alone(Client(admin))
    assert value(admin, DEADLOCKS) == 0


@pytest.mark.parametrize("seats", [7, 40, 300])
def test_crowd_buys_every_seat(buyers: list[Client], seats: int) -> None:
    """Whoever was told sold_out for one seat was told so because none was left: so in the end none is."""
    tx = buyers[0].connection
    hot = schedule(tx, max_tickets=seats)
    singles(buyers, hot, sold=seats // 3, lapsed=seats // 3)
    answers = crowd([partial(buy_until_sold_out, b, hot) for b in buyers])
    assert {refusal for refusals in answers for refusal in refusals} == {SOLD_OUT}
    assert counters(tx, hot) == (0, 0, seats)
    assert_sound(tx)


@pytest.mark.parametrize("lapsed", [0, 3, 6])
def test_party_of_six_gets_the_last_six_seats_wherever_they_lie(buyers: list[Client], lapsed: int) -> None:
    """A party that fits gets its seats, one that does not fit takes none of them."""
    tx = buyers[0].connection
    hot = schedule(tx, max_tickets=100)
    singles(buyers, hot, sold=94, lapsed=lapsed)
    assert buy(buyers[1], hot, 7) == SOLD_OUT
    assert counters(tx, hot) == (6, 0, 94)
    assert buy(buyers[2], hot, 6) is None
    assert counters(tx, hot) == (0, 0, 100)
    assert_sound(tx)


@pytest.mark.parametrize("lapsed", [0, 12])
@pytest.mark.parametrize("parties", [4, 9])
def test_parties_of_six_at_once_share_what_is_left(buyers: list[Client], parties: int, lapsed: int) -> None:
    """With 24 seats left four parties of six get theirs, whoever else comes in that moment: none is turned
    away because another held some seats for a while and did not get enough."""
    tx = buyers[0].connection
    for _ in range(3):
        hot = schedule(tx, max_tickets=120)
        singles(buyers, hot, sold=96, lapsed=lapsed)
        answers = crowd([partial(buy, b, hot, 6) for b in buyers[:parties]])
        assert answers.count(None) == 4
        assert answers.count(SOLD_OUT) == parties - 4
        assert counters(tx, hot) == (0, 0, 120)
    assert_sound(tx)
