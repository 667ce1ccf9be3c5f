"""The machine and the server that a run was measured on."""

import os
import platform
import time
from statistics import median

import psycopg
from psycopg.rows import TupleRow

_SETTINGS = (
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_sync_method",
    "shared_buffers",
    "max_wal_size",
    "max_connections",
)


_COMMITS = 50


def describe(connection: psycopg.Connection[TupleRow], pgbench: str) -> dict[str, str | int | float]:
    """Cores and memory are this machine's, where the clients run; the settings are the server's."""
    found: dict[str, str | int | float] = {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "python": platform.python_version(),
        "psycopg": psycopg.__version__,
        "pgbench": pgbench,
    }
    if hasattr(os, "sysconf"):
        found["memory_mb"] = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**2
    rows = connection.execute(
        "select s.name, current_setting(s.name) from unnest(%s::text[]) with ordinality as s (name, position)"
        " order by s.position",
        (list(_SETTINGS),),
    )
    return found | dict(rows.fetchall()) | {"commit_ms": _commit_ms(connection)}


def _commit_ms(connection: psycopg.Connection[TupleRow]) -> float:
    """Median time of a commit: what the next buyer waits for where all wait for one row."""
    connection.execute("create table machine_commits (n int)")
    times = []
    for n in range(_COMMITS):
        begin = time.perf_counter()
        connection.execute("insert into machine_commits values (%s)", (n,))
        times.append(time.perf_counter() - begin)
    connection.execute("drop table machine_commits")
    return round(median(times) * 1000, 2)


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        models = []
    return models[0] if models else platform.processor() or "unknown"
