"""The PostgreSQL server that a test run uses: the first of four that can be had."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from ticketdb.embedded import EmbeddedError, EmbeddedServer, programs

DEFAULT_IMAGE = "postgres:17-alpine"
DOCKER_SECONDS = 3
# Tests open 64 connections and more, and nobody will miss their data.
SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3


class NotHere(Exception):
    """This kind of server is not to be had here; the message says why."""


@dataclass
class Server:
    """A running server. `dsn` reaches its database `postgres` as superuser."""

    dsn: str
    description: str
    skipped: list[str] = field(default_factory=list)

    def database(self, name: str) -> str:
        """The DSN of another database of this server."""
        return make_conninfo(self.dsn, dbname=name)


def scratch() -> str:
    """Where test servers keep their data: in memory where there is plenty, 4 times as fast as a disk."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return str(MEMORY)
    return "/tmp"


@contextmanager
def our_own(bin_dir: Path | None) -> Iterator[EmbeddedServer]:
    """An embedded server for tests."""
    before, tempfile.tempdir = tempfile.tempdir, scratch()
    try:
        server = EmbeddedServer(bin_dir=bin_dir, settings=SETTINGS)
        server.start()
    finally:
        tempfile.tempdir = before
    with server:
        yield server


@contextmanager
def named() -> Iterator[Server]:
    """The server of TICKETDB_TEST_DSN. One that does not answer is an error, not a reason to go on."""
    dsn = os.environ.get("TICKETDB_TEST_DSN")
    if not dsn:
        raise NotHere("TICKETDB_TEST_DSN is not set")
    yield Server(dsn, "the server of TICKETDB_TEST_DSN")


@contextmanager
def own_programs() -> Iterator[Server]:
    """The programs that TICKETDB_TEST_PG_BINDIR names."""
    bin_dir = os.environ.get("TICKETDB_TEST_PG_BINDIR")
    if not bin_dir:
        raise NotHere("TICKETDB_TEST_PG_BINDIR is not set")
    with our_own(Path(bin_dir)) as server:
        yield Server(server.dsn(), f"the programs in {bin_dir}")


@contextmanager
def container() -> Iterator[Server]:
    """A container of TICKETDB_TEST_IMAGE, where a Docker engine answers and the image can be had."""
    image = os.environ.get("TICKETDB_TEST_IMAGE", DEFAULT_IMAGE)
    _require_engine_and(image)
    with ExitStack() as stack:
        with warnings.catch_warnings():
            # Releases of testcontainers deprecate parts of themselves; that is no fault of ours.
            warnings.filterwarnings("ignore", category=DeprecationWarning, module="testcontainers")
            try:
                from testcontainers.community.postgres import PostgresContainer
            except ImportError:  # before 4.15
                from testcontainers.postgres import PostgresContainer
            settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
            postgres = PostgresContainer(image, 5432, "postgres", "postgres", "postgres", driver=None)
            postgres.with_command(["postgres", *settings]).with_kwargs(shm_size="256m")
            stack.enter_context(postgres)
            dsn = postgres.get_connection_url()
        yield Server(dsn, f"a container of {image}")


def _require_engine_and(image: str) -> None:
    try:
        from testcontainers.core.config import testcontainers_config
    except ImportError as error:
        raise NotHere(f"testcontainers is not installed ({error})") from error
    client = engine()
    try:
        client.ping()
        if reason := missing(client, image):
            raise NotHere(reason)
        if not testcontainers_config.ryuk_disabled and missing(client, testcontainers_config.ryuk_image):
            # Its reaper clears up after a killed run. Where its image cannot be had, do without.
            testcontainers_config.ryuk_disabled = True
    finally:
        client.close()


def engine():
    import docker

    with warnings.catch_warnings():
        # docker leaves its socket open when nobody listens; collected later, that would fail some test.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            return docker.from_env(timeout=DOCKER_SECONDS)
        except docker.errors.DockerException as error:
            reason = f"no Docker engine answers ({error})"
        gc.collect()
    raise NotHere(reason)


def missing(client, image: str) -> str | None:
    """Why the image cannot be had, or None. Asks the registry first: a pull that hangs would take minutes."""
    import docker
    import requests

    try:
        client.images.get(image)
    except docker.errors.ImageNotFound:
        try:
            client.images.get_registry_data(image)
        except (docker.errors.APIError, requests.exceptions.RequestException):
            return f"the Docker engine has no image {image} and cannot pull it"
    return None


@contextmanager
def embedded() -> Iterator[Server]:
    """The programs that the extra `embedded` installs."""
    try:
        programs.find_programs()
    except EmbeddedError as error:
        raise NotHere(error.message) from error
    with our_own(None) as server:
        yield Server(server.dsn(), "the embedded programs")


KINDS: tuple[Callable, ...] = (named, own_programs, container, embedded)


class Choice:
    """Finds the server of a run, once, and stops it at the end."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._server: Server | None = None
        self._error: Exception | None = None

    def server(self) -> Server:
        """The first server that is to be had; started with the first call."""
        if self._error is not None:
            raise self._error
        if self._server is None:
            try:
                self._server = self._find()
            except Exception as error:
                self._error = error
                raise
        return self._server

    def _find(self) -> Server:
        skipped = []
        for kind in KINDS:
            try:
                server = self._stack.enter_context(kind())
            except NotHere as reason:
                skipped.append(str(reason))
                continue
            with psycopg.connect(server.dsn, connect_timeout=10) as connection:
                server.description += f", PostgreSQL {connection.info.parameter_status('server_version')}"
            server.skipped = skipped
            return server
        raise NotHere("no server to test on: " + "; ".join(skipped))

    def header(self) -> list[str]:
        """What the header of the run says: which server, and why not the ones before."""
        try:
            server = self.server()
        except Exception as error:
            return [f"ticketdb server: none. {error}"]
        return [
            f"ticketdb server: {server.description}",
            *(f"  passed over: {reason}" for reason in server.skipped),
        ]

    def close(self) -> None:
        """Stop the server, if it is ours."""
        self._stack.close()
