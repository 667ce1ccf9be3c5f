"""`kill -9` of the whole server in the middle of a sale: what was told before is there afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from factories import rows, schedule, value
from faults import SELLERS, Seller, assert_promises_kept, broken_promises, read_journals, staff
from psycopg import sql
from race_helpers import PATIENCE
from servers import scratch

from ticketdb.embedded import EmbeddedError, EmbeddedServer, processes, programs
from ticketdb.migrate import migrate

Connect = Callable[[], psycopg.Connection]


class MortalServer:
    """A durable server of the test's own, whose data survive `kill -9`."""

    def __init__(self, folder: Path, bin_dir: Path | None) -> None:
        settings = {
            "max_connections": "60",
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            # a worker that starts while the server is killed would be missed
            "autovacuum": "off",
        }
        self._server = EmbeddedServer(folder / "data", bin_dir=bin_dir, settings=settings)
        self.start, self.stop, self.dsn = self._server.start, self._server.stop, self._server.dsn

    def halt_wal_writer(self) -> None:
        """Nothing is written any more but what somebody waits for, until the server is killed."""
        query = "select a.pid from pg_stat_activity as a where a.backend_type = 'walwriter'"
        with psycopg.connect(self.dsn()) as connection:
            os.kill(value(connection, query), signal.SIGSTOP)

    def kill(self) -> None:
        """`kill -9` of the server and all its processes."""
        with psycopg.connect(self.dsn()) as connection:
            children = [row.pid for row in rows(connection, "select a.pid from pg_stat_activity as a")]
        family = [self._server.pid, *children]
        for pid in family:
            # the connection that asked has just gone, and who misses the server goes by himself
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        while any(processes.start_time(pid) for pid in family):
            if time.monotonic() > deadline:
                raise TimeoutError("the server outlives kill -9")
            time.sleep(0.002)
        self.stop()


@contextmanager
def mortal_server() -> Iterator[MortalServer]:
    """The programs of TICKETDB_TEST_PG_BINDIR or the embedded ones; without them the test is skipped."""
    bin_dir = os.environ.get("TICKETDB_TEST_PG_BINDIR")
    try:
        found = programs.find_programs(Path(bin_dir) if bin_dir else None)
    except EmbeddedError as error:
        pytest.skip(f"no server programs that may be killed: {error.message}")
    # kill -9 takes what the system was not given yet, wherever the system keeps it
    folder = Path(tempfile.mkdtemp(prefix="tdb-test-", dir=scratch())).resolve()
    folder.chmod(0o755)
    server = MortalServer(folder, found.bin_dir)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server() -> Iterator[MortalServer]:
    with mortal_server() as server:
        create_database(server, "empty_shop", "template0")
        migrate(server.dsn("empty_shop"))
        yield server


@pytest.fixture
def shop(server: MortalServer, tmp_path: Path) -> str:
    """The DSN of a shop of the test's own; it goes with the server."""
    create_database(server, tmp_path.name, "empty_shop")
    return server.dsn(tmp_path.name)


def create_database(server: MortalServer, name: str, template: str) -> None:
    statement = sql.SQL("create database {} template {}").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(statement)


@contextmanager
def killed_in_mid_sale(
    server: MortalServer, folder: Path, connect: Connect, *, after: int
) -> Iterator[list[Seller]]:
    """The sellers of a sale whose server is killed after so many answers, and is back again."""
    with connect() as connection:
        schedules = [schedule(connection, max_tickets=seats) for seats in (2000, 300, 30)]
    with staff(connect, folder, schedules) as sellers:
        with ThreadPoolExecutor(SELLERS) as threads:
            deadline = time.monotonic() + 3 * PATIENCE
            sales = [threads.submit(seller.run, lambda: time.monotonic() > deadline) for seller in sellers]
            while sum(seller.answers for seller in sellers) < after and time.monotonic() < deadline:
                time.sleep(0.001)
            server.kill()
            assert [sale.result() for sale in sales] == [False] * SELLERS, "not all lost their connection"
        server.start()
        yield sellers


@pytest.mark.parametrize("answers", [60, 400, 1500])
def test_what_was_told_before_the_server_was_killed_is_there(
    server: MortalServer, shop: str, tmp_path: Path, answers: int
) -> None:
    """A commit that a client was told about survives; what was cut off is there as a whole or not at all, and
    asking again with the same key and reference completes it once."""

    def connect() -> psycopg.Connection:
        return psycopg.connect(shop, autocommit=True)

    with killed_in_mid_sale(server, tmp_path, connect, after=answers) as sellers, connect() as admin:
        told = assert_promises_kept(admin, tmp_path)
        assert any("confirmed" in order.known for order in told.values())
        assert any(order.pending for order in told.values())
        for seller in sellers:
            seller.resume()
        told = assert_promises_kept(admin, tmp_path)
        assert not any(order.pending for order in told.values())


def test_sales_that_do_not_wait_for_their_commit_are_missed(
    server: MortalServer, shop: str, tmp_path: Path
) -> None:
    """The checks above can fail: they find what was lost."""

    def connect() -> psycopg.Connection:
        return psycopg.connect(shop, autocommit=True, options="-c synchronous_commit=off")

    server.halt_wal_writer()
    with killed_in_mid_sale(server, tmp_path, connect, after=400), connect() as admin:
        assert broken_promises(admin, read_journals(tmp_path)) != []
