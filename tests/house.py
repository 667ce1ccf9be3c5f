"""A shop behind PostgREST with its roles, and callers whose tokens name one."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from factories import user, value
from postgrest import Api, serving, token
from psycopg import sql
from psycopg.conninfo import make_conninfo

SECRET = "a secret of at least thirty-two characters"


@dataclass
class House:
    """A shop behind PostgREST, with the roles; `shop` is the owner's direct connection."""

    api: Api
    shop: psycopg.Connection

    def as_role(self, role: str, **claims: Any) -> Api:
        return self.api.signed_in(token(SECRET, role=role, exp=int(time.time()) + 600, **claims))

    def visitor(self) -> Api:
        return self.api

    def buyer(self, user_id: int | None = None) -> Api:
        return self.as_role("authenticated", user_id=user_id or user(self.shop))

    def admin(self) -> Api:
        return self.as_role("authenticated", app_metadata={"role": "admin"})

    def payment_server(self) -> Api:
        return self.as_role("service_role")


@contextmanager
def roles_and_login(shop: psycopg.Connection) -> Iterator[dict[str, str]]:
    """What PostgREST logs in with. The roles are the server's: those that were made here go again."""
    made = value(shop, "select ticketdb.create_roles()")
    value(shop, "select ticketdb.grant_roles()")
    login, password = f"tdb_authenticator_{secrets.token_hex(4)}", secrets.token_hex(16)
    name = sql.Identifier(login)
    shop.execute(sql.SQL("create role {} login noinherit password {}").format(name, sql.Literal(password)))
    shop.execute(sql.SQL("grant anon, authenticated, service_role to {}").format(name))
    try:
        yield {"user": login, "password": password}
    finally:
        for role in (login, *made):
            shop.execute(sql.SQL("drop owned by {}").format(sql.Identifier(role)))
            shop.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


@contextmanager
def served(
    program: str, dsn: str, shop: psycopg.Connection, login: dict[str, str], **settings: str
) -> Iterator[House]:
    """PostgREST on the shop's database, logged in so; whoever has no token is anon."""
    settings = {"PGRST_DB_ANON_ROLE": "anon", "PGRST_JWT_SECRET": SECRET, **settings}
    with serving(program, make_conninfo(dsn, **login), **settings) as api:
        yield House(api, shop)


@contextmanager
def open_house(program: str, dsn: str, shop: psycopg.Connection, **settings: str) -> Iterator[House]:
    """All of it, closed at the end."""
    with roles_and_login(shop) as login, served(program, dsn, shop, login, **settings) as house:
        yield house
