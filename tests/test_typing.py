"""What a type checker tells a user of the package."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest

pytestmark = [pytest.mark.no_database, pytest.mark.once]

USER = """
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, assert_type

import psycopg
from psycopg_pool import AsyncConnectionPool, ConnectionPool, NullConnectionPool

from ticketdb import AsyncTicketDB, Confirmation, NotOnSale, Reservation, Retry, SoldOut, TicketDB
from ticketdb.models import EventAvailability, ScheduleParticipant


def synchronous(
    dsn: str, connection: psycopg.Connection, pool: ConnectionPool, none: NullConnectionPool
) -> None:
    with TicketDB(dsn, retry=Retry(attempts=3)) as db:
        try:
            held = db.reserve_tickets(7, quantity=2, idempotency_key="order", contact={"name": "Asha"})
        except SoldOut as refused:
            assert_type(refused.available, int | None)
        except NotOnSale as refused:
            assert_type(refused.opens_at, datetime | None)
        assert_type(held, Reservation)
        assert_type(held.total_amount, Decimal)
        assert_type(db.confirm_reservation(held.reservation_id, "pay", held.total_amount), Confirmation)
        assert_type(db.event_availability(), Iterator[EventAvailability])
        assert_type(db.run_maintenance(), dict[str, Any])
    for client in (TicketDB(connection), TicketDB(pool), TicketDB(none)):
        client.check_schema()


async def asynchronous(dsn: str, connection: psycopg.AsyncConnection, pool: AsyncConnectionPool) -> None:
    async with AsyncTicketDB(dsn) as db:
        assert_type(await db.reserve_tickets(7), Reservation)
        assert_type(db.schedule_participants(7), AsyncIterator[ScheduleParticipant])
        async for row in db.event_availability("yoga"):
            assert_type(row.starts_at, datetime)
    for client in (AsyncTicketDB(connection), AsyncTicketDB(pool)):
        await client.check_schema()
"""
# what the examples of the guide take for granted
GUIDE = """
from datetime import date

import psycopg
from psycopg_pool import ConnectionPool

from ticketdb import AsyncTicketDB, Retry, SoldOut, TicketDB


async def examples(dsn: str) -> None:
"""
MISTAKES = {
    'db.reserve_tickets("seven")': "arg-type",
    "db.confirm_reservation(1, 'pay', 120.50)": "arg-type",
    "db.reserve_tickets(7).quantity = 3": "misc",
    "db.reserve_tickets(7, seats=3)": "call-arg",
    "ticketdb.AsyncTicketDB(psycopg.connect())": "arg-type",
    "ticketdb.TicketDB(psycopg_pool.AsyncConnectionPool())": "arg-type",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project elsewhere, which sees of ticketdb what is installed."""
    return tmp_path_factory.mktemp("user")


def mypy(folder: Path, program: str) -> list[str]:
    """What mypy says of a program."""
    pytest.importorskip("mypy", reason="mypy is not installed: pip install 'ticketdb[dev]'")
    (folder / "program.py").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "program.py"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not done.stderr
    return done.stdout.splitlines()


def test_a_program_that_uses_the_package_is_clean_under_strict_rules(folder: Path) -> None:
    assert mypy(folder, USER) == []


def test_the_examples_of_the_guide_are_clean_too(folder: Path) -> None:
    guide = (Path(__file__).parents[1] / "docs" / "python.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```python\n(.*?)^```$", guide, re.DOTALL | re.MULTILINE)
    assert len(examples) > 4
    assert mypy(folder, GUIDE + indent("\n".join(examples), "    ")) == []


def test_a_program_that_misuses_the_package_is_told_so(folder: Path) -> None:
    lines = ["import psycopg, psycopg_pool, ticketdb", "def use(db: ticketdb.TicketDB) -> None:"]
    found = mypy(folder, "\n".join([*lines, *(f"    {mistake}" for mistake in MISTAKES)]))
    assert [line.rpartition("[")[2].rstrip("]") for line in found if "error:" in line] == [*MISTAKES.values()]
