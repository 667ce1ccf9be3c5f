"""Sellers are killed in the middle of a sale, as processes or by the server: of them only holds are left, and
these lapse."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from factories import call, expect_error, reserve, schedule, value
from faults import SELLERS, Seller, assert_promises_kept
from race_helpers import PATIENCE, Client, wait_until_alone

KILLS = 30
HOLD = "300 milliseconds"
SEATS = [400, 100, 20]
END_ONE_BACKEND = """
select count(pg_terminate_backend(a.pid))
from (
    select a.pid
    from pg_stat_activity as a
    where a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
    order by a.state <> 'active', random()
    limit 1
) as a
"""


def sell_and_kill(dsn: str, folder: str, schedules: list[int]) -> None:
    """Main program of a process of its own: forks sellers, and kills and replaces one after the other."""
    chance, numbers = random.Random(SELLERS), count()
    # as long as it is open here, the others sell: they end with this process, however it ends
    open_sign, open_end = os.pipe()

    def fork() -> int:
        number = next(numbers)
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            os.close(open_end)
            # 40 ms between two parties: 32 processes share few processors
            _sell(
                dsn,
                Path(folder),
                number,
                schedules,
                lambda: bool(select.select([open_sign], [], [], 0.04)[0]),
            )
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)

    living = [fork() for _ in range(SELLERS)]
    statuses = []
    for _ in range(KILLS):
        time.sleep(0.03)
        victim = living.pop(chance.randrange(len(living)))
        os.kill(victim, signal.SIGKILL)
        statuses.append(os.waitpid(victim, 0)[1])
        living.append(fork())
    os.close(open_end)
    statuses += [os.waitpid(pid, 0)[1] for pid in living]
    print(json.dumps([os.waitstatus_to_exitcode(status) for status in statuses]))


def _sell(dsn: str, folder: Path, number: int, schedules: list[int], closed: Callable[[], bool]) -> None:
    for attempt in count():
        try:
            connection = psycopg.connect(dsn, autocommit=True)
        except psycopg.OperationalError:  # the server may end it while it connects, too
            continue
        # Nobody asks again what was not answered: the call may still be running.
        seller = Seller(lambda: connection, folder / f"{number}-{attempt}", schedules, HOLD)  # noqa: B023
        if seller.run(closed):
            return


@contextmanager
def seller_processes(dsn: str, folder: Path, schedules: list[int]) -> Iterator[subprocess.Popen[str]]:
    program = f"import {__name__} as m, sys; m.sell_and_kill(sys.argv[1], sys.argv[2], {schedules})"
    process = subprocess.Popen(
        [sys.executable, "-c", program, dsn, str(folder)],
        cwd=Path(__file__).parent,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def sell_while_sellers_die(
    admin: psycopg.Connection, dsn: str, folder: Path, schedules: list[int]
) -> tuple[int, int]:
    """How many processes were killed, and how many connections the server ended."""
    ended = 0
    with seller_processes(dsn, folder, schedules) as process:
        deadline = time.monotonic() + 3 * PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.03)
            ended += value(admin, END_ONE_BACKEND)
        assert process.stdout is not None
        codes = json.loads(process.stdout.read())
    assert set(codes) <= {0, -signal.SIGKILL}
    wait_until_alone(Client(admin))
    return codes.count(-signal.SIGKILL), ended


def test_what_sellers_who_were_killed_were_told_is_there_and_their_holds_lapse(
    db: str, connect: Callable[..., psycopg.Connection], tmp_path: Path
) -> None:
    """A seller's death takes nothing back that he was told, and leaves no seat that cannot be sold: when his
    holds have lapsed, exactly what is not paid for can be bought, as one party."""
    admin = connect()
    schedules = [schedule(admin, max_tickets=seats) for seats in SEATS]
    killed, ended = sell_while_sellers_die(admin, db, tmp_path, schedules)
    assert killed == KILLS
    assert ended >= 10
    told = assert_promises_kept(admin, tmp_path)
    assert any(order.pending for order in told.values()), "nobody was killed in the middle of a call"
    assert any(order.known == {"confirmed"} for order in told.values())

    time.sleep(value(admin, "select extract(epoch from %s::interval)::float", HOLD))
    for schedule_id, seats in zip(schedules, SEATS, strict=True):
        sold = value(
            admin,
            """
            select coalesce(sum(r.quantity), 0) from public.ticket_reservations as r
            where r.schedule_id = %s and r.status = 'confirmed'
            """,
            schedule_id,
        )
        assert call(admin, "check_ticket_availability", schedule_id).tickets_available == seats - sold
        if sold < seats:
            reserve(admin, schedule_id, seats - sold)
        with expect_error(admin, "PT409", "sold_out", available=0):
            reserve(admin, schedule_id)
    assert_promises_kept(admin, tmp_path)
