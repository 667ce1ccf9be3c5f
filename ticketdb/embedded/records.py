"""A note of each server that should end with its process: the next start ends those left behind."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
from pathlib import Path

from ticketdb.embedded import cluster, places, processes
from ticketdb.embedded.account import Account


def _folder() -> Path:
    home = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    folder = Path(home) / "ticketdb" / "servers"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
    except OSError:
        pass
    # An account without a home of its own, such as nobody.
    folder = places.SHORT_BASE / f"{places.PREFIX}servers-{os.geteuid()}"
    places.private_folder(folder, Account(os.geteuid(), os.getegid(), switch=False))
    return folder


def _place() -> str:
    # Pids mean nothing on another machine or in another container that shares this folder.
    try:
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()


def write(data_dir: Path, temporary: Path | None) -> Path:
    """Note a server of this process before it starts; `temporary` is the folder to remove with it."""
    note = {
        "data_dir": str(data_dir),
        "temporary": str(temporary) if temporary else None,
        "place": _place(),
        "parent_pid": os.getpid(),
        "parent_start": processes.start_time(os.getpid()),
    }
    path = _folder() / f"{secrets.token_hex(8)}.json"
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(note))
    unfinished.rename(path)
    return path


def sweep(account: Account) -> None:
    """Stop the servers whose process is gone, and remove their temporary folders."""
    for path in _folder().glob("*.json"):
        try:
            note = json.loads(path.read_text())
        except (OSError, ValueError):  # swept by another process in this moment
            continue
        parent_lives = processes.start_time(note["parent_pid"]) == note["parent_start"]
        if note["place"] != _place() or parent_lives:
            continue
        data_dir = Path(note["data_dir"])
        cluster.stop(data_dir)
        cluster.remove_sockets(data_dir, account)
        if note["temporary"]:
            shutil.rmtree(note["temporary"], ignore_errors=True)
        path.unlink(missing_ok=True)
