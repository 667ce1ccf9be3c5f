"""Telling processes apart, so that a pid that was given to somebody else is never signalled."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


def start_time(pid: int) -> str | None:
    """A text that no later process with the same pid shares; None when there is no such process."""
    try:
        # The name in parentheses may hold anything: count from its end, state is first, start is 20th.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None if Path("/proc/self/stat").exists() else _ps(pid, "lstart=")
    return None if fields[0] in "ZX" else f"{boot} {fields[19]}"


def arguments(pid: int) -> str:
    """The command line of a process, arguments separated by NUL or blanks; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="surrogateescape")
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _ps(pid, "command=") or ""


def _ps(pid: int, column: str) -> str | None:
    # macOS has no /proc. A zombie shows as "(name)", which no check of ours takes for a live process.
    result = subprocess.run(
        ["ps", "-ww", "-o", column, "-p", str(pid)],
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
        env={"LC_ALL": "C", "TZ": "UTC", "PATH": "/bin:/usr/bin"},
    )
    return result.stdout.strip() or None


@dataclass(frozen=True)
class Postmaster:
    """What `postmaster.pid` says about a server that was verified to be running on its data folder."""

    pid: int
    socket_dir: str
    status: str


def running(data_dir: Path) -> Postmaster | None:
    """The server that runs on this data folder, or None: a stale file, or a pid that is somebody else's."""
    try:
        lines = (data_dir / "postmaster.pid").read_text(errors="surrogateescape").splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None
    return Postmaster(pid, *_socket_and_status(lines)) if serves(pid, data_dir) else None


def _socket_and_status(lines: list[str]) -> tuple[str, str]:
    # The file grows while the server starts: 5th line the socket folder, 8th the status.
    return (lines[4] if len(lines) > 4 else "", lines[7].strip() if len(lines) > 7 else "")


def serves(pid: int, data_dir: Path) -> bool:
    """Whether the process is a `postgres` that was started with `-D data_dir`."""
    words = arguments(pid).replace("\0", " ")
    # Backends call themselves "postgres: user database …"; the postmaster keeps its command line.
    return is_postgres(pid) and f" -D {data_dir} " in f"{words} "


def is_postgres(pid: int) -> bool:
    """Whether the process is some server's postmaster."""
    # macOS gives blanks for NUL, where a program's path that has blanks cannot be told from its arguments.
    program = arguments(pid).partition("\0")[0].partition(" -D ")[0]
    return os.path.basename(program) in ("postgres", "postmaster")


def surely_other(pid: int, data_dir: Path) -> bool:
    """Whether the process cannot be this folder's server; False in doubt (a `-D` left out, or relative)."""
    _, flag, named = arguments(pid).replace("\0", " ").partition(" -D ")
    return not is_postgres(pid) or (bool(flag) and named.startswith("/") and not serves(pid, data_dir))
