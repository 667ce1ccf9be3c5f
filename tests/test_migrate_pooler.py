"""Migrating through a pooler: refused where sessions are not kept, before anything is left behind."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from hosts import ask
from pgbouncer import find_program, pooling
from typer.testing import CliRunner

from ticketdb.cli import app
from ticketdb.migrate import TransactionPooler, migrate, rollback, status
from ticketdb.migrate.pooler import pools_transactions
from tools.catalog import snapshot

pytestmark = pytest.mark.once

Pool = Callable[..., AbstractContextManager[str]]
# what a run would have left with the connections of the pool
TRACES = """
    select array_agg(t.trace) from (
        select 'lock' as trace from pg_locks as l
        join pg_stat_activity as a on a.pid = l.pid
        where l.locktype = 'advisory' and a.datname = current_database()
        union all
        select s.name from pg_settings as s where s.name = 'search_path' and s.setting = 'pg_catalog'
    ) as t
"""


@pytest.fixture
def pool() -> Pool:
    """Opens a PgBouncer before a database."""
    program = find_program()
    if program is None:
        pytest.skip("PgBouncer is not installed")
    return partial(pooling, program)


def is_refused(dsn: str, act: Callable[[str], Any]) -> bool:
    try:
        act(dsn)
    except TransactionPooler:
        return True
    return False


@contextmanager
def busy(dsn: str, clients: int) -> Iterator[None]:
    """Others use the pool all the time."""
    done = threading.Event()

    def work() -> None:
        with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as connection:
            while not done.is_set():
                connection.execute("select 1")

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("act", [migrate, partial(migrate, dry_run=True), partial(rollback, everything=True)])
def test_a_transaction_pooler_is_refused_and_nothing_is_left_behind(
    db: str, pool: Pool, act: Callable
) -> None:
    before = snapshot(db, without=())
    with pool(db, 3) as pooled:
        assert is_refused(pooled, act)
        # each of the pool's connections, held at once
        clients = [psycopg.connect(pooled, prepare_threshold=None) for _ in range(3)]
        assert [client.execute(TRACES).fetchone() for client in clients] == [(None,)] * 3
        for client in clients:
            client.close()
    assert snapshot(db, without=()) == before


@pytest.mark.parametrize("round_robin", [False, True])
@pytest.mark.parametrize("size", [1, 2, 10])
@pytest.mark.parametrize("clients", [0, 4])
def test_it_is_recognised_whatever_its_size_order_and_load(
    empty_db: str, pool: Pool, size: int, round_robin: bool, clients: int
) -> None:
    with pool(empty_db, size, round_robin=round_robin) as pooled, busy(pooled, clients):
        assert all(is_refused(pooled, migrate) for _ in range(5))
    assert ask(empty_db, "select to_regnamespace('ticketdb') is null")


@pytest.mark.parametrize("size", [1, 4])
def test_a_session_pooler_migrates(empty_db: str, pool: Pool, size: int) -> None:
    with pool(empty_db, size, mode="session") as pooled:
        migrate(pooled)
    assert status(empty_db).up_to_date


def test_a_direct_connection_is_known_without_a_second_one(db: str) -> None:
    with psycopg.connect(db, autocommit=True) as connection:
        assert not pools_transactions(connection, "host=/nowhere")


@pytest.mark.parametrize(
    "host", ["aws-0-eu-central-1.pooler.supabase.com", "db.abcdefghijklmnopqrst.supabase.co"]
)
def test_an_address_of_supabases_transaction_pooler_is_known_without_asking(host: str) -> None:
    connection: Any = SimpleNamespace(info=SimpleNamespace(host=host, port=6543))
    assert pools_transactions(connection, "")


def test_status_can_be_asked_through_any_pooler(db: str, pool: Pool) -> None:
    with pool(db, 2) as pooled:
        assert status(pooled).up_to_date


@pytest.mark.parametrize(("mode", "word"), [("transaction", "transaction"), ("session", "sessions are kept")])
def test_the_doctor_tells_what_kind_of_connection_it_is(db: str, pool: Pool, mode: str, word: str) -> None:
    with pool(db, 4, mode=mode) as pooled:
        result = CliRunner().invoke(app, ["doctor", "--json", "--dsn", pooled])
    assert result.exit_code == 0, result.output
    (finding,) = (row for row in json.loads(result.stdout) if row["check"] == "connection")
    assert finding["ok"]
    assert word in finding["finding"]
