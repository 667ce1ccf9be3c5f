"""A payment provider's callback, turned into tickets.

The provider posts what happened, signs it, and repeats it until the answer is 200. So the answer says whose
turn it is: 200, the payment is on record, or on its way back to the payer; anything else, we do not have it,
tell us again. An error that nobody thought of is a 500 by itself, as it must be: a payment that arrived is
never forgotten.

    pip install 'ticketdb[examples]'
    psql -c "create role payment_server login password '...' in role service_role"
    export TICKETDB_DSN=postgresql://payment_server@host/database
    export PAYMENT_SECRET=... PROVIDER_URL=https://provider.example
    uvicorn --factory payment_webhook:from_environment
"""

from __future__ import annotations

import hmac
import json
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal

import httpx2
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ticketdb import AmountMismatch, AsyncTicketDB, PaymentReferenceReused, ReservationNotFound, Retry

log = logging.getLogger(__name__)

# gives a payment back: its reference, and the amount
GiveBack = Callable[[str, Decimal], Awaitable[None]]


def sign(body: bytes, secret: str) -> str:
    """The signature that provider and webhook agree on."""
    return hmac.digest(secret.encode(), body, "sha256").hex()


def payment_webhook(dsn: str, secret: str, give_back: GiveBack) -> Starlette:
    """The application; `dsn` is the payment server's."""
    # a provider does not wait for long
    pool = AsyncConnectionPool(dsn, open=False, timeout=5)
    tickets = AsyncTicketDB(pool, retry=Retry())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with pool:
            yield

    async def callback(request: Request) -> Response:
        body = await request.body()  # as it was signed: reading and writing it again might change it
        if not hmac.compare_digest(
            sign(body, secret).encode(), request.headers.get("x-signature", "").encode()
        ):
            return PlainTextResponse("wrong signature", 401)
        payment = json.loads(body)
        if payment["event"] != "payment.captured":
            return PlainTextResponse("nothing was paid")
        reference, amount = payment["reference"], Decimal(payment["amount"]) / 100  # it counts in paise

        try:
            # A repeated callback gets the first answer. A late one gets seats if there are any.
            sale = await tickets.confirm_reservation(payment["reservation_id"], reference, amount)
        except PaymentReferenceReused:
            # Two stories about one payment. Giving it back might take the money of a sale: people must look.
            log.exception("payment %s contradicts what is on record", reference)
            return PlainTextResponse("contradicts what is on record", 409)
        except (AmountMismatch, ReservationNotFound) as refused:
            # Nothing is on record, and a repetition would change nothing. Any other refusal may be our fault.
            outcome = refused.reason
        else:
            # refund_due: it is on record, but no seat was left, or another payment had paid for them
            outcome = sale.status
        if outcome != "confirmed":
            log.warning("payment %s of %s goes back: %s", reference, amount, outcome)
            await give_back(reference, amount)  # if it fails, the provider repeats, and we try again
        return PlainTextResponse(outcome)

    return Starlette(routes=[Route("/", callback, methods=["POST"])], lifespan=lifespan)


def refunds_by(provider: str) -> GiveBack:
    """Give payments back by the provider's interface."""

    async def give_back(reference: str, amount: Decimal) -> None:
        async with httpx2.AsyncClient(base_url=provider) as client:
            answer = await client.post(
                "/refunds",
                json={"reference": reference, "amount": int(amount * 100)},
                headers={"Idempotency-Key": reference},  # we may ask again: it is the same refund
            )
            answer.raise_for_status()

    return give_back


def from_environment() -> Starlette:
    """The application as uvicorn starts it."""
    return payment_webhook(
        os.environ["TICKETDB_DSN"], os.environ["PAYMENT_SECRET"], refunds_by(os.environ["PROVIDER_URL"])
    )
