"""examples/payment_webhook.py: what a provider reports, repeated, late and wrong, and what it is answered."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

import psycopg
import pytest
from example_servers import payment_login
from factories import (
    assert_sound,
    lapsed_hold,
    reserve,
    row,
    rows,
    schedule,
    sell,
    status,
    sweep,
    value,
)
from house import roles_and_login
from payment_webhook import from_environment, payment_webhook, sign
from psycopg.conninfo import make_conninfo
from race_helpers import crowd
from shops import UNKNOWN
from starlette.testclient import TestClient

pytestmark = pytest.mark.once
SECRET = "the provider's and ours"
DUE = Decimal("100.00")


@dataclass
class Provider:
    """It signs what it reports, and takes refunds, unless it is `down`."""

    client: TestClient = field(init=False)
    refunds: list[tuple[str, Decimal]] = field(default_factory=list)
    down: bool = False

    async def give_back(self, reference: str, amount: Decimal) -> None:
        if self.down:
            raise ConnectionError("the provider does not answer")
        self.refunds.append((reference, amount))

    def report(
        self, reservation_id: int, reference: str = "pay_1", amount: Decimal = DUE, **more: Any
    ) -> int:
        """Report a payment; the status of the answer."""
        payment = {
            "event": "payment.captured",
            "reference": reference,
            "reservation_id": reservation_id,
            "amount": int(amount * 100),
            **more,
        }
        return self.post(body := json.dumps(payment).encode(), sign(body, SECRET))

    def post(self, body: bytes, signature: str) -> int:
        return self.client.post(
            "/", content=body, headers={"X-Signature": signature.encode("latin-1")}
        ).status_code


@pytest.fixture
def shop(connect: Callable[..., psycopg.Connection]) -> psycopg.Connection:
    """The owner's connection, to sell and to look."""
    return connect()


@pytest.fixture
def provider(shop: psycopg.Connection, db: str) -> Iterator[Provider]:
    """The provider of a shop whose webhook is up. A lock is not waited for long."""
    provider = Provider()
    with roles_and_login(shop), payment_login(shop, db) as dsn:
        webhook = payment_webhook(
            make_conninfo(dsn, options="-c lock_timeout=200ms"), SECRET, provider.give_back
        )
        with TestClient(webhook, raise_server_exceptions=False) as provider.client:
            yield provider
    assert_sound(shop)


def payments(shop: psycopg.Connection) -> list[Any]:
    return rows(shop, "select payment_reference, amount, refund_due from public.ticket_payments order by id")


def tickets(shop: psycopg.Connection, reservation_id: int) -> int:
    return value(
        shop,
        "select count(*) from public.event_tickets where reservation_id = %s and status = 'valid'",
        reservation_id,
    )


def test_payment_becomes_tickets_once_however_often_it_is_reported(
    provider: Provider, shop: psycopg.Connection
) -> None:
    order = reserve(shop, schedule(shop), 2).reservation_id
    report = partial(provider.report, order, amount=2 * DUE)
    assert crowd([report] * 8) == [200] * 8
    assert report() == 200
    assert tickets(shop, order) == 2
    assert payments(shop) == [("pay_1", 2 * DUE, 0)]
    assert provider.refunds == []


def test_late_payment_gets_the_seats_if_nobody_took_them(
    provider: Provider, shop: psycopg.Connection
) -> None:
    show = schedule(shop)
    order = lapsed_hold(shop, show)
    sweep(shop, show)
    assert provider.report(order) == 200
    assert (status(shop, order), tickets(shop, order), provider.refunds) == ("confirmed", 1, [])


def test_late_payment_without_seats_is_on_record_and_goes_back(
    provider: Provider, shop: psycopg.Connection
) -> None:
    show = schedule(shop, max_tickets=1)
    order = lapsed_hold(shop, show)
    sell(shop, show)
    assert provider.report(order, "pay_late") == 200
    assert payments(shop)[-1] == ("pay_late", DUE, DUE)
    assert provider.refunds == [("pay_late", DUE)]


def test_second_payment_of_an_order_goes_back(provider: Provider, shop: psycopg.Connection) -> None:
    order = reserve(shop, schedule(shop)).reservation_id
    assert [provider.report(order, reference) for reference in ("pay_1", "pay_2")] == [200, 200]
    assert provider.refunds == [("pay_2", DUE)]
    assert (status(shop, order), tickets(shop, order)) == ("confirmed", 1)


def test_wrong_amount_goes_back_and_the_hold_can_still_be_paid(
    provider: Provider, shop: psycopg.Connection
) -> None:
    order = reserve(shop, schedule(shop)).reservation_id
    assert provider.report(order, "pay_short", Decimal("1.00")) == 200
    assert provider.refunds == [("pay_short", Decimal("1.00"))]
    assert (status(shop, order), payments(shop)) == ("held", [])
    assert provider.report(order, "pay_right") == 200
    assert status(shop, order) == "confirmed"


def test_payment_for_no_order_goes_back(provider: Provider) -> None:
    assert provider.report(UNKNOWN) == 200
    assert provider.refunds == [("pay_1", DUE)]


def test_refund_that_fails_is_tried_again_when_the_provider_repeats(provider: Provider) -> None:
    provider.down = True
    assert provider.report(UNKNOWN) == 500
    provider.down = False
    assert provider.report(UNKNOWN) == 200
    assert provider.refunds == [("pay_1", DUE)]


def test_reference_that_paid_for_another_order_is_left_to_people(
    provider: Provider, shop: psycopg.Connection
) -> None:
    show = schedule(shop)
    first, second = (reserve(shop, show).reservation_id for _ in range(2))
    assert provider.report(first) == 200
    assert provider.report(second) == 409
    assert (status(shop, first), status(shop, second), provider.refunds) == ("confirmed", "held", [])


def test_payment_that_the_database_could_not_take_is_taken_when_it_is_repeated(
    provider: Provider, shop: psycopg.Connection
) -> None:
    order = reserve(shop, schedule(shop)).reservation_id
    with shop.transaction():
        row(shop, "select id from public.ticket_reservations where id = %s for update", order)
        assert provider.report(order) == 500
    assert (status(shop, order), provider.refunds) == ("held", [])
    assert provider.report(order) == 200
    assert status(shop, order) == "confirmed"


def test_payment_waits_while_ticketdb_is_not_as_it_should_be(
    provider: Provider, shop: psycopg.Connection
) -> None:
    order = reserve(shop, schedule(shop)).reservation_id
    shop.execute("alter function public.confirm_reservation rename to confirm_another_time")
    assert provider.report(order) == 500
    shop.execute("alter function public.confirm_another_time rename to confirm_reservation")
    assert provider.refunds == []
    assert provider.report(order) == 200
    assert status(shop, order) == "confirmed"


def test_callback_without_the_right_signature_does_nothing(
    provider: Provider, shop: psycopg.Connection
) -> None:
    order = reserve(shop, schedule(shop)).reservation_id
    body = json.dumps(
        {"event": "payment.captured", "reference": "pay_1", "reservation_id": order, "amount": 10000}
    ).encode()
    tampered = body.replace(b"pay_1", b"pay_2")
    for signature in ("", sign(body, "a guess"), sign(tampered, SECRET), secrets.token_hex(32), "ü"):
        assert provider.post(body, signature) == 401
    assert (status(shop, order), payments(shop), provider.refunds) == ("held", [], [])
    assert provider.post(body, sign(body, SECRET)) == 200


def test_payment_that_failed_leaves_the_hold_as_it_is(provider: Provider, shop: psycopg.Connection) -> None:
    order = reserve(shop, schedule(shop)).reservation_id
    assert provider.report(order, event="payment.failed") == 200
    assert (status(shop, order), payments(shop), provider.refunds) == ("held", [], [])


def test_webhook_is_configured_by_its_environment(
    provider: Provider, shop: psycopg.Connection, db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = reserve(shop, schedule(shop)).reservation_id
    monkeypatch.setenv("TICKETDB_DSN", db)
    monkeypatch.setenv("PAYMENT_SECRET", SECRET)
    monkeypatch.setenv("PROVIDER_URL", "http://127.0.0.1:9")
    with TestClient(from_environment()) as provider.client:
        assert provider.report(order) == 200
    assert status(shop, order) == "confirmed"
