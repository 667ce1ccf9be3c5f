"""A server that lives as long as the process that starts it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from ticketdb.embedded import cluster, exits, places, processes, records
from ticketdb.embedded.errors import EmbeddedError
from ticketdb.embedded.programs import Programs, find_programs

NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


class EmbeddedServer:
    """A PostgreSQL server of this process, reachable through a unix socket only.

    Without `data_dir` it works in a temporary folder that goes with it. It stops at `stop`, at the
    end of the `with` block, of the process, and by the signals that end a process; what `kill -9`
    leaves behind is stopped when the next embedded server starts.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        bin_dir: Path | None = None,
        settings: Mapping[str, str] = NO_SETTINGS,
    ) -> None:
        self._wanted_dir = data_dir
        self._bin_dir = bin_dir
        self._settings = dict(settings)
        self._owner = 0
        self._data_dir: Path | None = None
        self._temporary: Path | None = None
        self._programs: Programs | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._note: Path | None = None

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        if self._note is not None:
            return
        programs = self._programs = find_programs(self._bin_dir)
        records.sweep(programs.account)
        if self._wanted_dir is None:
            self._temporary = places.temporary_name(programs.account)
            data_dir = self._temporary / "data"
        else:
            data_dir = self._wanted_dir.expanduser().resolve()
            places.refuse_foreign(data_dir, programs.account)
            if processes.running(data_dir):
                raise EmbeddedError(
                    f"A server is already running on {data_dir}.", "Stop it first, or name another folder."
                )
        self._data_dir = data_dir
        self._owner = os.getpid()
        self._note = records.write(data_dir, self._temporary)
        exits.stop_at_exit(self)
        try:
            if self._temporary is not None:
                places.private_folder(self._temporary, programs.account)
            durable = self._settings.get("fsync", "on") not in ("off", "false", "no", "0")
            cluster.initialise(programs, data_dir, durable=durable)
            self._process = cluster.launch(programs, data_dir, self._settings)
            cluster.wait_until_ready(self._process, data_dir)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and remove its temporary folder; does nothing when it is not running."""
        # A forked child inherits this object, but the server is its parent's.
        if self._note is None or self._owner != os.getpid():
            return
        assert self._data_dir is not None
        assert self._programs is not None
        cluster.stop(self._data_dir, self._process)
        cluster.remove_sockets(self._data_dir, self._programs.account)
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
        self._note.unlink(missing_ok=True)
        self._note = self._process = self._temporary = None
        exits.forget(self)

    def dsn(self, dbname: str = "postgres") -> str:
        """The libpq connection string of one of its databases, as superuser."""
        return cluster.dsn(self._running().socket_dir, dbname)

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._running().pid

    def _running(self) -> processes.Postmaster:
        found = processes.running(self._data_dir) if self._data_dir and self._note else None
        if found is None:
            raise EmbeddedError(
                "The embedded server is not running.", "Call start(), or use it in a with block."
            )
        return found

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
