"""What box_office.html needs around it to be tried out: the webhook, and a fake sign-in and payment provider.

In front of PostgREST (jwt-secret as here, db-anon-role anon), with `ticketdb roles --create` done:

    npm ci && pip install 'ticketdb[examples]'
    export TICKETDB_DSN=postgresql://payment_server@host/database    # see payment_webhook.py
    export POSTGREST_URL=http://localhost:3000 JWT_SECRET=...
    uvicorn --factory box_office:from_environment

and the page is at http://localhost:8000. Buyers are the rows of users, by their username. On Supabase none of
this is needed: the page signs in by supabase.auth, and your provider calls the webhook.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
import time
from asyncio import sleep
from pathlib import Path
from typing import Any

import httpx2
from payment_webhook import payment_webhook, refunds_by, sign
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

HERE = Path(__file__).parent
PAUSES = (0.5, 1, 2, 4, 8, 16, 32, 64)  # seconds between a provider's attempts; a real one goes on for days


def token(secret: str, **claims: Any) -> str:
    """A signed token (JWT, HS256), as Supabase's sign-in would give it out."""
    parts = [{"alg": "HS256", "typ": "JWT"}, {"exp": int(time.time()) + 3600, **claims}]
    text = ".".join(_base64(json.dumps(part).encode()) for part in parts)
    return f"{text}.{_base64(hmac.digest(secret.encode(), text.encode(), 'sha256'))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def fake_provider(webhook: str, secret: str) -> Starlette:
    """A payment provider that finds every card good, and reports to `webhook` until it is heard."""

    async def report(body: bytes) -> None:
        async with httpx2.AsyncClient() as client:
            for pause in PAUSES:
                try:
                    answer = await client.post(
                        webhook, content=body, headers={"X-Signature": sign(body, secret)}
                    )
                    if answer.status_code == 200:
                        return
                except httpx2.HTTPError:
                    pass  # nobody there: later
                await sleep(pause)

    async def pay(request: Request) -> Response:
        order = await request.json()
        payment = {
            "event": "payment.captured",
            "reference": f"pay_{secrets.token_hex(7)}",
            "reservation_id": order["reservation_id"],
            "amount": order["amount"],
        }
        return JSONResponse(payment, background=BackgroundTask(report, json.dumps(payment).encode()))

    async def refund(request: Request) -> Response:
        return JSONResponse(await request.json())

    return Starlette(
        routes=[Route("/pay", pay, methods=["POST"]), Route("/refunds", refund, methods=["POST"])]
    )


def box_office(address: str, dsn: str, postgrest: str, jwt_secret: str) -> Starlette:
    """The page and all that it talks to but PostgREST; `address` is its own, `dsn` the payment server's."""
    payment_secret = secrets.token_hex(16)
    webhook = payment_webhook(dsn, payment_secret, refunds_by(f"{address}/provider"))

    async def page(_: Request) -> Response:
        return FileResponse(HERE / "box_office.html")

    async def settings(_: Request) -> Response:
        key = token(jwt_secret, role="anon", exp=int(time.time()) + 86400)
        return JSONResponse({"api": postgrest, "key": key, "plain": True})

    async def sign_in(request: Request) -> Response:
        # anybody is who he says he is: a real sign-in asks for proof
        email = (await request.json())["email"]
        return JSONResponse({"token": token(jwt_secret, role="authenticated", email=email)})

    return Starlette(
        routes=[
            Route("/", page),
            Route("/settings.json", settings),
            Route("/sign-in", sign_in, methods=["POST"]),
            Mount("/node_modules", StaticFiles(directory=HERE / "node_modules")),
            Mount("/provider", fake_provider(f"{address}/webhook/", payment_secret)),
            Mount("/webhook", webhook),
        ],
        # that of a mounted application is not begun by itself
        lifespan=webhook.router.lifespan_context,
    )


def from_environment() -> Starlette:
    """The application as uvicorn starts it."""
    address = os.environ.get("BOX_OFFICE_URL", "http://localhost:8000")
    return box_office(
        address, os.environ["TICKETDB_DSN"], os.environ["POSTGREST_URL"], os.environ["JWT_SECRET"]
    )
