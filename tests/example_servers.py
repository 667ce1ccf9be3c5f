"""What the examples run on: the payment server's login, and a web server in a thread."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import uvicorn
from postgrest import HOST, PATIENCE
from psycopg import sql
from psycopg.conninfo import make_conninfo
from starlette.applications import Starlette


@contextmanager
def payment_login(shop: psycopg.Connection, dsn: str) -> Iterator[str]:
    """The DSN of a payment server that may do what service_role may, and nothing else."""
    login, password = f"tdb_payments_{secrets.token_hex(4)}", secrets.token_hex(16)
    name = sql.Identifier(login)
    shop.execute(
        sql.SQL("create role {} login password {} in role service_role").format(name, sql.Literal(password))
    )
    try:
        yield make_conninfo(dsn, user=login, password=password)
    finally:
        shop.execute(sql.SQL("drop role {}").format(name))


@contextmanager
def running(make: Callable[[str], Starlette]) -> Iterator[str]:
    """The address of an application, which `make` makes for that address; stopped at the end."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        # whatever still runs at the end, a provider that repeats itself say, is not waited for
        config = uvicorn.Config(make(address), log_level="critical", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            deadline = time.monotonic() + PATIENCE
            while not server.started:
                assert thread.is_alive(), "the application did not start"
                assert time.monotonic() < deadline, "the application did not get ready"
                time.sleep(0.01)
            yield address
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
            assert not thread.is_alive(), "the application did not stop"
