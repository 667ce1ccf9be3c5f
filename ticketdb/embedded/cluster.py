"""One data folder: made, started, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from psycopg.conninfo import make_conninfo

from ticketdb.embedded import places, processes
from ticketdb.embedded.account import Account
from ticketdb.embedded.errors import EmbeddedError
from ticketdb.embedded.programs import Programs

SUPERUSER = "postgres"
START_SECONDS = 120.0  # crash recovery of a big database takes its time
STOP_SECONDS = 60.0
LOG = "server.log"


def initialise(programs: Programs, data_dir: Path, *, durable: bool = True) -> None:
    """Make an empty cluster unless there is one; half a cluster never stands under the final name."""
    if (data_dir / "PG_VERSION").exists():
        return
    if data_dir.exists() and any(data_dir.iterdir()):
        raise EmbeddedError(
            f"{data_dir} is not empty and holds no PostgreSQL data.",
            "Name an empty or a new folder for the data.",
        )
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    fresh = data_dir.with_name(f"{data_dir.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    places.private_folder(fresh, programs.account)
    # No password: the socket lies in a 0700 folder, so whoever reaches it is the owner or root anyhow.
    command = [str(programs.bin_dir / "initdb"), "-D", str(fresh), "-U", SUPERUSER, "-E", "UTF8"]
    command += ["--auth-local=trust", "--auth-host=reject", "--no-instructions"]
    if not durable:
        command.append("--no-sync")
    # From 17 on PostgreSQL brings its own C.UTF-8; before, the system has it or (old macOS) has not.
    system_locale = ["--locale=C.UTF-8"]
    own_locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    result = programs.account.run(command + (own_locale if programs.version >= 17 else system_locale))
    if result.returncode and "invalid locale" in result.stderr:
        result = programs.account.run([*command, "--locale=C"])
    if result.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        raise EmbeddedError(
            f"initdb could not make {data_dir}: {result.stderr.strip()}", "Mend what it says and try again."
        )
    fresh.rename(data_dir)


def launch(programs: Programs, data_dir: Path, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the server, without waiting for it."""
    socket_dir = places.socket_folder(data_dir, programs.account)
    if socket_dir != data_dir:
        places.private_folder(socket_dir, programs.account)
    _disown_stale_pid(data_dir, socket_dir)
    quoted = str(socket_dir).replace('"', '""')
    wanted = {**settings, "listen_addresses": "", "unix_socket_directories": f'"{quoted}"', "port": "5432"}
    wanted["unix_socket_permissions"] = "0700"
    command = [str(programs.bin_dir / "postgres"), "-D", str(data_dir)]
    for name, value in wanted.items():
        command += ["-c", f"{name}={value}"]
    # O_NOFOLLOW: as root we write into a folder that another account owns.
    log = os.open(data_dir / LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        # A session of its own: the terminal's Ctrl-C is for us, and we stop the server in our own time.
        process = subprocess.Popen(
            command, stdout=log, stderr=log, start_new_session=True, **programs.account.options()
        )
    finally:
        os.close(log)
    return process


def _disown_stale_pid(data_dir: Path, socket_dir: Path) -> None:
    """Let a server start whose old pid was given to another process after a crash.

    PostgreSQL would take any live process of its account for its predecessor. The file stays, for it
    also leads to shared memory that may still be in use; only the pid becomes that of the new
    server's parent, which PostgreSQL knows to be no server.
    """
    for path in (data_dir / "postmaster.pid", socket_dir / ".s.PGSQL.5432.lock"):
        with suppress(FileNotFoundError), open(os.open(path, os.O_RDWR | os.O_NOFOLLOW), "r+b") as file:
            pid, _, rest = file.read().partition(b"\n")
            if pid.isdigit() and processes.surely_other(int(pid), data_dir):
                file.seek(0)
                file.write(b"%d\n" % os.getpid() + rest)
                file.truncate()


def wait_until_ready(process: subprocess.Popen[bytes], data_dir: Path) -> None:
    """Wait until the server takes connections."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        found = processes.running(data_dir)
        if found and found.pid == process.pid and found.status == "ready":
            return
        time.sleep(0.01)
    log = (data_dir / LOG).read_text(errors="replace").strip().splitlines()
    raise EmbeddedError(
        f"The server on {data_dir} did not start. Its log ends:\n" + "\n".join(log[-8:]),
        f"Mend what the log says; all of it is in {data_dir / LOG}.",
    )


def stop(data_dir: Path, process: subprocess.Popen[bytes] | None = None) -> bool:
    """Stop the server of this data folder, cleanly unless it takes too long. False: none was running."""
    found = processes.running(data_dir)
    if process is not None and process.poll() is None:
        pid = process.pid
    elif found is not None:
        pid = found.pid
    else:
        return False
    if not _end(pid, signal.SIGINT, data_dir):
        _end(pid, signal.SIGQUIT, data_dir)
    if process is not None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(1)
    else:
        with suppress(ChildProcessError):  # it is our child where this very process had called `up`
            os.waitpid(pid, os.WNOHANG)
    return True


def _end(pid: int, how: signal.Signals, data_dir: Path) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, how)
    deadline = time.monotonic() + STOP_SECONDS
    # Not Popen.poll: called from a signal handler that interrupted another poll, it would never see the end.
    while processes.serves(pid, data_dir):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def remove_sockets(data_dir: Path, account: Account) -> None:
    """Remove the short socket folder of a server that is stopped, where it had one."""
    shutil.rmtree(places.short_socket_folder(data_dir, account), ignore_errors=True)


def dsn(socket_dir: str | Path, dbname: str) -> str:
    """A libpq connection string; everything in it is explicit, so that PG* variables do not change it."""
    return make_conninfo("", host=str(socket_dir), port=5432, user=SUPERUSER, dbname=dbname)
