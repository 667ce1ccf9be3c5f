"""The system account that the server programs run as: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ticketdb.embedded.errors import EmbeddedError


@dataclass(frozen=True)
class Account:
    """Whom the server runs as. `switch` is true when we are root and have to become somebody else."""

    uid: int
    gid: int
    switch: bool

    @classmethod
    def current(cls) -> Account:
        """Ourselves; for root the account `postgres`, else `nobody`."""
        if os.name != "posix":
            raise EmbeddedError(
                "The embedded server needs Linux or macOS.",
                "On Windows use WSL, or name a PostgreSQL 15 to 18 server with --dsn.",
            )
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), switch=False)
        import pwd  # not on Windows

        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid, switch=True)
        raise EmbeddedError(
            "PostgreSQL refuses to run as root, and there is no account postgres or nobody to run it as.",
            "Run ticketdb as a normal user, or create a system account named postgres.",
        )

    def options(self) -> dict[str, Any]:
        """Arguments for `subprocess` that start a program as this account, in a plain environment."""
        # The user's locale and PG* variables must not reach the server; macOS needs LC_ALL to be set.
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PG", "LC_")) and name not in ("LANG", "LANGUAGE")
        }
        plain: dict[str, Any] = {
            "env": environment | {"LC_ALL": "C"},
            "cwd": "/",
            "stdin": subprocess.DEVNULL,
        }
        if self.switch:
            plain |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return plain

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program to its end; an `OSError` means that this account cannot even start it."""
        return subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False, **self.options()
        )

    def can_enter(self, folder: Path) -> bool:
        """Whether this account reaches the folder; asked of the system, which knows ACLs and mounts."""
        return not self.switch or self.run(["/bin/sh", "-c", 'cd -- "$0"', folder]).returncode == 0

    def own(self, path: Path) -> None:
        """Hand a file or folder to this account."""
        if self.switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
