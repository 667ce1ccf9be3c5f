"""Acting as one of PostgREST's roles, on a direct connection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql


@contextmanager
def acting(connection: psycopg.Connection, role: str, **claims: Any) -> Iterator[psycopg.Connection]:
    """The connection as PostgREST leaves it to a request: the role of a token is set, and its claims."""
    connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    connection.execute(
        "select set_config('request.jwt.claims', %s, false)", [json.dumps({"role": role, **claims})]
    )
    try:
        yield connection
    finally:
        if connection.info.transaction_status != psycopg.pq.TransactionStatus.INERROR:
            connection.execute("reset role")
            connection.execute("select set_config('request.jwt.claims', '', false)")
