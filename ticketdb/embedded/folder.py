"""The server that belongs to a folder and outlives the process that starts it."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from ticketdb.embedded import cluster, places, processes, records
from ticketdb.embedded.account import Account
from ticketdb.embedded.errors import EmbeddedError
from ticketdb.embedded.programs import find_programs

DATABASE = "ticketdb"
STATE = ".ticketdb"
# Where root keeps the data of a folder that the server's account cannot enter.
LIBRARY = Path("/var/lib/ticketdb")


def up(folder: Path) -> str:
    """Start the server of this folder, or find it running; return the DSN of its database `ticketdb`."""
    programs = find_programs()
    state = _state(folder)
    with _only_one(state):
        records.sweep(programs.account)
        data_dir = _data_dir(state, programs.account)
        places.refuse_foreign(data_dir, programs.account)
        found = _running(data_dir)
        if found is None:
            cluster.initialise(programs, data_dir)
            process = cluster.launch(programs, data_dir, {})
            try:
                cluster.wait_until_ready(process, data_dir)
            except BaseException:
                cluster.stop(data_dir, process)
                cluster.remove_sockets(data_dir, programs.account)
                raise
            process.returncode = 0  # it outlives us: Popen is not to wait for it, nor to warn
            found = _running(data_dir)
        if found is None:
            raise EmbeddedError(
                f"The server of {folder} stopped right after its start.", f"Look at {data_dir / cluster.LOG}."
            )
        _create_database(cluster.dsn(found.socket_dir, "postgres"))
        return cluster.dsn(found.socket_dir, DATABASE)


def down(folder: Path) -> bool:
    """Stop the server of this folder; its data stay. False when none was running."""
    account = Account.current()
    if not os.path.isdir(folder.expanduser() / STATE):
        return False
    state = _state(folder)
    with _only_one(state):
        data_dir = _data_dir(state, account)
        places.refuse_foreign(data_dir, account)
        if _running(data_dir) is None:
            return False
        stopped = cluster.stop(data_dir)
        cluster.remove_sockets(data_dir, account)
        return stopped


def running(folder: Path) -> str | None:
    """The DSN of the database `ticketdb` on the server of this folder, or None when it is not up."""
    state = folder.expanduser().resolve() / STATE
    elsewhere = _elsewhere(state)
    account = Account.current()
    found = processes.running(elsewhere if account.switch and elsewhere.exists() else state / "data")
    return cluster.dsn(found.socket_dir, DATABASE) if found and found.status == "ready" else None


def _state(folder: Path) -> Path:
    """The folder `.ticketdb`, made when missing."""
    folder = folder.expanduser().resolve()
    if not os.path.isdir(folder):
        raise EmbeddedError(f"There is no folder {folder}.", "Make it first, or name another one.")
    state = folder / STATE
    try:
        state.mkdir(mode=0o700, exist_ok=True)
        (state / ".gitignore").write_text("*\n")  # data are not to end in somebody's repository
    except OSError as error:
        raise EmbeddedError(f"Cannot write to {state}: {error}", "Name a folder of your own.") from error
    return state


def _data_dir(state: Path, account: Account) -> Path:
    """Where the data of this folder are, or will be."""
    if not account.switch:
        return state / "data"
    elsewhere = _elsewhere(state)
    state.chmod(0o711)  # the server's account has to pass, not to look
    if not elsewhere.exists() and ((state / "data").exists() or account.can_enter(state)):
        return state / "data"
    places.shared_folder(LIBRARY)
    (state / "data-is-in").write_text(f"{elsewhere}\n")
    return elsewhere


def _elsewhere(state: Path) -> Path:
    return LIBRARY / hashlib.sha256(os.fsencode(state.parent)).hexdigest()[:16]


@contextmanager
def _only_one(state: Path) -> Iterator[None]:
    """Let one process at a time start or stop the server of this folder."""
    import fcntl  # not on Windows

    with (state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _running(data_dir: Path) -> processes.Postmaster | None:
    """The running server once it takes connections; one that is just starting or ending is waited for."""
    deadline = time.monotonic() + cluster.START_SECONDS
    while (found := processes.running(data_dir)) and found.status != "ready":
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"The server on {data_dir} is {found.status or 'starting'} for too long.",
                f"Look at {data_dir / cluster.LOG}; kill {found.pid} ends it.",
            )
        time.sleep(0.02)
    return found


def _create_database(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute("select from pg_database where datname = %s", (DATABASE,)).fetchone()
        if row is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
