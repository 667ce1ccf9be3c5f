"""Whole sales from many Python processes at once, each with the wrapper and one connection."""

import os
import subprocess
import sys
from contextlib import ExitStack

from ticketdb.bench import checks, seller
from ticketdb.bench.errors import BenchError
from ticketdb.bench.options import Options, Tell
from ticketdb.bench.results import Check, Row
from ticketdb.bench.scratch import Scratch
from ticketdb.bench.selling import open_stock
from ticketdb.bench.ways import BY_NAME

PROCESSES = 16
# whole sales a second of pretix 2026.8.0 on two cores: cart, order and payment at its service layer
PRETIX = 14.0
_CAPACITY = 10_000_000


def measure(scratch: Scratch, options: Options, tell: Tell) -> tuple[list[Row], list[Check]]:
    """Sales a second of all processes together, on one hot schedule."""
    way = BY_NAME["reserve_hot"]
    tell(f"whole sales from {PROCESSES} Python processes", 0, 1)
    with scratch.database() as database:
        scratch.load(database, "schedules")
        with scratch.connect(database) as connection:
            schedule = open_stock(connection, way, _CAPACITY, options)["schedule"]
            sold = _sell_together(scratch.name(database), schedule, options)
            found = checks.count(connection, way, schedule, f"whole sales from {PROCESSES} processes")
    return [
        Row(
            "processes",
            f"reserve and confirm from {PROCESSES} Python processes",
            "pretix 2026.8.0, measured so",
            PROCESSES,
            "sales/s",
            sold / options.seconds,
            PRETIX,
            100,
        )
    ], [found]


def _sell_together(dsn: str, schedule: int, options: Options) -> int:
    command = [sys.executable, "-m", seller.__name__]
    command += map(str, (schedule, options.warm_up, options.seconds))
    environment = os.environ | {seller.DSN: dsn}
    with ExitStack() as stack:
        sellers = []
        for _ in range(PROCESSES):
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
            )
            # in reverse: ended, then waited for and its pipes closed
            stack.enter_context(process)
            stack.callback(process.kill)
            sellers.append(process)
        for process in sellers:
            _hear(process)
        for process in sellers:
            print(file=process.stdin, flush=True)
        return sum(int(_hear(process)) for process in sellers)


def _hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    if not line:
        raise BenchError("A process that sells has ended.", "What it printed above says why.")
    return line
