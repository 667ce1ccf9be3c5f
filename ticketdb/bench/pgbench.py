"""Running pgbench, and reading what it says."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ticketdb.bench.errors import BenchError
from ticketdb.embedded import EmbeddedError
from ticketdb.embedded.programs import find_programs

_PROGRESS = re.compile(r"^progress: ([\d.]+) s, ([\d.]+) tps", re.MULTILINE)
_TRANSACTIONS = re.compile(r"^number of transactions actually processed: (\d+)", re.MULTILINE)
_TPS = re.compile(r"^tps = ([\d.]+) \(without initial connection time\)", re.MULTILINE)
# the detail of an error, as libpq prints it
_SOLD_OUT = '"reason": "sold_out"'


@dataclass(frozen=True, slots=True)
class Outcome:
    """Transactions a second after the warm-up, and how many clients were told that nothing is left."""

    rate: float
    sold_out: int


def find(named: Path | None) -> Path:
    """The program: the one that was named, else the embedded server's, else that of the PATH."""
    if named is not None:
        if not os.access(named, os.X_OK) or named.is_dir():
            raise BenchError(f"{named} is not a program.", "Name the pgbench of a PostgreSQL installation.")
        return named
    try:
        packaged = find_programs().bin_dir / "pgbench"
        if os.access(packaged, os.X_OK):
            return packaged
    except EmbeddedError:
        pass  # the extra is not installed; the system may have one
    found = shutil.which("pgbench")
    if found is None:
        raise BenchError(
            "There is no pgbench.",
            "Run: pip install 'ticketdb[embedded]', or name the program with TICKETDB_PGBENCH.",
        )
    return Path(found)


def run(
    program: Path,
    dsn: str,
    script: Path,
    *,
    clients: int,
    seconds: int,
    warm_up: int = 0,
    variables: Mapping[str, int],
    until_sold_out: bool = False,
) -> Outcome:
    """Let so many clients repeat a script, on one connection each; `until_sold_out` lets them be refused."""
    # not as an argument, which everybody on this machine can read
    options = conninfo_to_dict(dsn)
    password = options.pop("password", None)
    # in English, which is read below
    environment = os.environ | {"LC_ALL": "C"} | ({"PGPASSWORD": str(password)} if password else {})
    threads = min(clients, os.cpu_count() or 1)
    command = [str(program), "-n", "-M", "prepared", "-c", str(clients), "-j", str(threads)]
    command += ["-T", str(warm_up + seconds), "-P", "1", "-f", str(script)]
    for name, value in variables.items():
        command += ["-D", f"{name}={value}"]
    command.append(make_conninfo("", **options))
    with tempfile.TemporaryFile("w+", errors="replace") as errors:
        # a file: what hundreds of clients complain of must not fill a pipe
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=errors, env=environment, text=True, check=False
        )
        errors.seek(0)
        told = errors.read()
    sold_out = told.count(_SOLD_OUT)
    if done.returncode and not (
        until_sold_out and sold_out and sold_out == told.count(" aborted in command ")
    ):
        raise BenchError(
            f"pgbench stopped in {script.name}: {_first_error(told)}",
            "Fewer --clients or --seconds may help; the server's log says more.",
        )
    return Outcome(read_rate(done.stdout, told, warm_up), sold_out)


def read_rate(summary: str, progress: str, warm_up: int) -> float:
    """Transactions a second, those of the first so many seconds left out."""
    transactions, tps = _TRANSACTIONS.search(summary), _TPS.search(summary)
    if transactions is None or tps is None:
        raise BenchError("pgbench gave no summary.", f"It said: {summary.strip()[:500]}")
    rate = float(tps[1])
    early = [(float(until), float(so_fast)) for until, so_fast in _PROGRESS.findall(progress)[:warm_up]]
    if not rate or not early:
        return rate
    count, seconds = int(transactions[1]), int(transactions[1]) / rate
    begun = 0.0
    for until, so_fast in early:
        count -= round(so_fast * (until - begun))
        begun = until
    return max(count, 0) / (seconds - begun)


def _first_error(told: str) -> str:
    lines = [line for line in told.splitlines() if line and not line.startswith("progress: ")]
    return " ".join(lines[:4])[:500] or "it said nothing"
