"""Folders of our own outside the data folder: temporary ones, and short ones for sockets."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import tempfile
from pathlib import Path

from ticketdb.embedded.account import Account
from ticketdb.embedded.errors import EmbeddedError

PREFIX = "ticketdb-"
SHORT_BASE = Path("/tmp")
# A socket's path has 108 bytes on Linux and 104 on macOS, the closing zero included.
LONGEST_SOCKET = 103


def private_folder(path: Path, account: Account) -> None:
    """Make a 0700 folder of the account's; one that somebody else put there is refused."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        mine = found.st_uid in (account.uid, os.geteuid())
        if not stat.S_ISDIR(found.st_mode) or not mine or found.st_mode & 0o077:
            raise EmbeddedError(
                f"{path} is in the way: it is not a private folder of this account.",
                f"Look at it, then: rm -r {path}",
            ) from None
    account.own(path)


def shared_folder(path: Path) -> None:
    """Make a folder that every account can enter, whatever the umask."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o755)


def refuse_foreign(data_dir: Path, account: Account) -> None:
    """Data that another account owns are neither readable nor ours to start."""
    try:
        foreign = data_dir.stat().st_uid not in (account.uid, os.geteuid())
    except FileNotFoundError:
        return
    except PermissionError:
        foreign = True
    if foreign:
        raise EmbeddedError(
            f"{data_dir} belongs to another account.", "Use the account that made it, or another folder."
        )


def temporary_name(account: Account) -> Path:
    """An unused name for a temporary folder, in a place that the server's account can enter."""
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        if account.can_enter(Path(base)):
            return Path(base).resolve() / f"{PREFIX}{secrets.token_hex(6)}"
    raise EmbeddedError(
        "The server's account can enter no folder for temporary files.",
        "Set TMPDIR to a folder that it can enter.",
    )


def short_socket_folder(data_dir: Path, account: Account) -> Path:
    """Where the socket goes when the data folder's own path cannot hold it."""
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return SHORT_BASE / f"{PREFIX}{account.uid}-{digest}"


def socket_folder(data_dir: Path, account: Account) -> Path:
    """The folder of the server's socket: the data folder, or a short one of its own (not made here)."""
    # libpq takes a comma in a host for the start of the next host.
    fits = len(os.fsencode(data_dir / ".s.PGSQL.5432")) <= LONGEST_SOCKET and "," not in str(data_dir)
    return data_dir if fits else short_socket_folder(data_dir, account)
