"""PgBouncer in front of a test database, in transaction mode unless told otherwise."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import make_conninfo

from ticketdb.embedded import places
from ticketdb.embedded.account import Account

PATIENCE = 20.0  # seconds after which something that should happen counts as stuck
PORT = 6432  # only part of the socket's name: it listens on no network
CONFIGURATION = """
[databases]
shop = {server}
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = {mode}
default_pool_size = {pool_size}
max_client_conn = 100
server_round_robin = {round_robin}
"""


def find_program() -> str | None:
    """The PgBouncer of this machine; distributions put it where only root looks."""
    return shutil.which(
        "pgbouncer", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    )


@contextmanager
def pooling(
    program: str, dsn: str, pool_size: int, *, mode: str = "transaction", round_robin: bool = False
) -> Iterator[str]:
    """The DSN of a pool of so many connections to a database; PgBouncer is stopped at the end."""
    with psycopg.connect(dsn) as connection:
        info = connection.info
        user = info.user
        server = {"host": info.host, "port": info.port, "dbname": info.dbname, "user": user}
        if info.password:
            server["password"] = info.password
    # like PostgreSQL it refuses to run as root
    account = Account.current()
    folder = places.temporary_name(account)
    places.private_folder(folder, account)
    try:
        configuration = CONFIGURATION.format(
            server=" ".join(f"{key}={_quoted(value)}" for key, value in server.items()),
            folder=folder, port=PORT, pool_size=pool_size, mode=mode, round_robin=int(round_robin),
        )  # fmt: skip
        _write(folder / "pgbouncer.ini", configuration, account)
        _write(folder / "users.txt", f'"{user}" ""\n', account)
        pooled = make_conninfo("", host=str(folder), port=PORT, user=user, dbname="shop")
        with _running([program, str(folder / "pgbouncer.ini")], account, pooled):
            yield pooled
    finally:
        shutil.rmtree(folder)


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _write(path: Path, text: str, account: Account) -> None:
    path.write_text(text)
    account.own(path)


@contextmanager
def _running(command: list[str], account: Account, pooled: str) -> Iterator[None]:
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, **account.options())
        try:
            _wait_until_ready(process, pooled, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], pooled: str, log: IO[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(pooled).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    log.seek(0)
    raise RuntimeError(f"PgBouncer did not get ready (exit status {process.poll()}):\n{log.read()}")
