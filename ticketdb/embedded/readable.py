"""A copy of the server programs for the account that cannot reach the originals.

Only root needs it: its virtual environment often lies below /root, where nobody else may look.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from ticketdb.embedded import places
from ticketdb.embedded.errors import EmbeddedError

CACHE = Path("/var/cache/ticketdb")


def readable_copy(bin_dir: Path) -> Path:
    """The bin folder of a copy that every account can run, made when it is not there yet."""
    prefix = bin_dir.parent
    stat = (bin_dir / "postgres").stat()
    key = hashlib.sha256(f"{bin_dir}:{stat.st_size}:{stat.st_mtime_ns}".encode("utf-8", "surrogateescape"))
    copy = CACHE / key.hexdigest()[:16]
    # The wheel keeps shared libraries in a sibling of the package, found by a path relative to the program.
    libraries = prefix.parent.parent / f"{prefix.parent.name}.libs"
    inside = Path(prefix.parent.name) / prefix.name
    if not copy.is_dir():
        try:
            places.shared_folder(CACHE)
            fresh = Path(tempfile.mkdtemp(prefix=f"{copy.name}-", dir=CACHE))
            try:
                for part in ("bin", "lib", "share"):
                    if (prefix / part).is_dir():
                        _copy_tree(prefix / part, fresh / inside / part)
                if libraries.is_dir():
                    _copy_tree(libraries, fresh / libraries.name)
                _open_up(fresh)
                if not copy.is_dir():
                    _rename_once(fresh, copy)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
        except OSError as error:
            raise EmbeddedError(
                f"The server cannot run from {bin_dir}, which only root can read, nor from a copy: {error}",
                "Install ticketdb where every account can read it, or run it as a normal user.",
            ) from error
    return copy / inside / bin_dir.name


def _copy_tree(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("*.a", "pkgconfig"))


def _open_up(folder: Path) -> None:
    # A strict umask at installation time leaves files that only root can read.
    for here, _, files in os.walk(folder):
        os.chmod(here, 0o755)
        for path in (Path(here, name) for name in files):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _rename_once(fresh: Path, copy: Path) -> None:
    try:
        fresh.rename(copy)
    except OSError:
        if not copy.is_dir():  # not just another process that was faster
            raise
