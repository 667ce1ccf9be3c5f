"""Packages of npm's for tests, as a package-lock.json lists them."""

from __future__ import annotations

import shutil
import subprocess
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

PATIENCE = 300
# what npm says where no registry can be reached
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH")


def install(folder: Path) -> None:
    """Install them into the folder's node_modules, if they are not there; skip where none can be had."""
    lock, done = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    # one of the runs that go on side by side does it
    with lock.open() as held:
        flock(held, LOCK_EX)
        _install(folder, lock, done)


def _install(folder: Path, lock: Path, done: Path) -> None:
    if done.exists() and done.stat().st_mtime >= lock.stat().st_mtime:
        return
    if shutil.which("npm") is None:
        pytest.skip("no program `npm` is on the PATH")
    run = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    if any(code in run.stderr for code in UNREACHABLE):
        pytest.skip(f"npm reaches no registry to install {folder.name}/package.json from")
    assert run.returncode == 0, run.stderr
