"""Several runs at once, runs that are killed, and runs beside a busy application."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from hosts import APPLICATION, ask, plant, run

from ticketdb.migrate import Blocked, RunInProgress, StatementFailed, migrate, status
from tools.catalog import compare, snapshot

MIGRATE = """
import sys
from pathlib import Path
from ticketdb.migrate import migrate
migrate(sys.argv[1], directory=Path(sys.argv[2]) if len(sys.argv) > 2 else None)
"""


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen]:
    """A process that migrates."""
    process = subprocess.Popen([sys.executable, "-c", MIGRATE, *arguments], stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(dsn: str, query: str) -> None:
    """Wait for something to be true in the database."""
    deadline = time.monotonic() + 30
    while not ask(dsn, query):
        assert time.monotonic() < deadline, query
        time.sleep(0.05)


SLEEPING = """exists (
    select from pg_stat_activity
    where datname = current_database() and query like '%pg_sleep%' and pid <> pg_backend_pid()
)"""


def test_three_processes_migrate_an_empty_database_at_once(empty_db):
    with running(empty_db) as one, running(empty_db) as two, running(empty_db) as three:
        for process in (one, two, three):
            _, error = process.communicate(timeout=120)
            assert (process.returncode, error) == (0, "")
    assert status(empty_db).up_to_date
    applied = ask(empty_db, "select count(*) from ticketdb.ticket_migrations_log where operation = 'apply'")
    assert applied == len(status(empty_db).applied)


@pytest.mark.parametrize("header", ["", "-- transactional: false\n"])
def test_a_killed_run_leaves_nothing_half_done_and_the_next_one_finishes(empty_db, tmp_path, header):
    # the gate lets the second run pass
    run(empty_db, "create table gate (open boolean); insert into gate values (false)")
    text = (
        f"{header}create table if not exists public.a (id int);\n"
        "select case when open then null else pg_sleep(60) end from public.gate;\n"
        "create table if not exists public.b (id int);\n"
    )
    folder = plant(tmp_path / "m", m0001_one="create table public.z (id int);\n", m0002_two=text)
    with running(empty_db, str(folder)) as process:
        wait_until(empty_db, f"select {SLEEPING}")
        process.kill()
        process.wait()
        assert status(empty_db, directory=folder).applied == ("ticketdb-0001_one",)
        run(empty_db, "update gate set open = true")
        # the server notices the death by itself, so the lock is not held for the whole sleep
        started = time.monotonic()
        assert migrate(empty_db, directory=folder).applied == ("ticketdb-0002_two",)
        assert time.monotonic() - started < 30
    assert ask(empty_db, "select to_regclass('public.b') is not null")


def test_a_killed_transactional_migration_is_not_seen_at_all(empty_db, tmp_path):
    text = "create table public.a (id int);\nselect pg_sleep(60);\n"
    folder = plant(tmp_path / "m", m0001_one=text)
    with running(empty_db, str(folder)) as process:
        wait_until(empty_db, f"select {SLEEPING}")
        process.kill()
        process.wait()
    wait_until(empty_db, f"select not {SLEEPING}")
    assert ask(empty_db, "select to_regclass('public.a') is null")
    assert status(empty_db, directory=folder).applied == ()


def test_an_interrupted_index_build_is_repeated(empty_db):
    run(empty_db, APPLICATION)
    whole = migrate(empty_db).applied
    reference = snapshot(empty_db)
    # what a killed `create index concurrently` leaves: an invalid index, noted, and no record
    run(
        empty_db,
        "update pg_index set indisvalid = false"
        " where indexrelid = 'public.idx_bookings_event_schedule'::regclass;"
        "drop index public.idx_participants_event_schedule;"
        "delete from ticketdb.ticket_migrations where migration_id like '%host_indexes'",
    )
    assert compare(reference, snapshot(empty_db), "before", "after") != []
    assert migrate(empty_db).applied == tuple(name for name in whole if "host_indexes" in name)
    assert compare(reference, snapshot(empty_db), "before", "after") == []


def test_a_run_waits_for_another_one_only_so_long_and_names_its_process(empty_db):
    with psycopg.connect(empty_db, autocommit=True) as other:
        other.execute("select pg_advisory_lock(%s)", (int.from_bytes(b"ticketdb", "big"),))
        said: list[str] = []
        with pytest.raises(RunInProgress) as caught:
            migrate(empty_db, wait=0.3, progress=said.append)
        assert str(other.info.backend_pid) in caught.value.message
        assert str(other.info.backend_pid) in said[0]
        assert ask(empty_db, "select to_regnamespace('ticketdb') is null")


def test_a_lock_timeout_names_who_blocks(empty_db):
    run(empty_db, APPLICATION)
    with psycopg.connect(empty_db, application_name="old report") as blocker:
        blocker.execute("select count(*) from bookings")
        with pytest.raises(Blocked) as caught:
            migrate(empty_db, lock_timeout=0.3)
        assert caught.value.sqlstate == "55P03"
        assert f"server process {blocker.info.backend_pid} (old report" in caught.value.message
        assert "idle in transaction" in caught.value.message
        assert "select count(*) from bookings" in caught.value.message
    assert migrate(empty_db).applied != ()
    assert status(empty_db).up_to_date


def test_a_concurrent_index_waits_longer_for_the_application_than_other_statements(empty_db, tmp_path):
    run(empty_db, "create table one (id int)")
    text = "-- transactional: false\ncreate index concurrently by_id on public.one (id);\n"
    with psycopg.connect(empty_db) as writer:
        writer.execute("insert into one values (1)")
        later = threading.Timer(0.8, writer.commit)
        later.start()
        migrate(empty_db, directory=plant(tmp_path / "m", m0001_one=text), lock_timeout=0.1)
        later.join()
    assert ask(empty_db, "select indisvalid from pg_index where indexrelid = 'by_id'::regclass")


def test_a_deadlock_with_the_application_ends_the_migration_and_names_the_other(empty_db, tmp_path):
    run(empty_db, "create table one (id int); create table two (id int)")
    text = "lock table public.one;\nlock table public.two;\n"
    folder = plant(tmp_path / "m", m0001_one=text)
    with psycopg.connect(empty_db, application_name="till") as other:
        other.execute("lock table two")

        def take_the_first() -> None:
            wait_until(empty_db, "select exists (select from pg_locks where not granted)")
            other.execute("lock table one")

        thread = threading.Thread(target=take_the_first)
        thread.start()
        # whoever began to wait first is the one whom the server ends
        with pytest.raises(Blocked) as caught:
            migrate(empty_db, directory=folder)
        thread.join()
    assert (caught.value.line, caught.value.sqlstate) == (2, "40P01")
    assert "(till" in caught.value.message


def test_a_busy_bookings_table_is_neither_rewritten_nor_kept_from_its_writers(empty_db):
    run(empty_db, APPLICATION)
    files = "select array_agg(relfilenode order by oid) from pg_class where relname ~ '^bookings(_pkey)?$'"
    before = ask(empty_db, files)
    stop = threading.Event()
    writes: list[float] = []

    def write() -> None:
        with psycopg.connect(empty_db, autocommit=True) as connection:
            while not stop.is_set():
                started = time.monotonic()
                connection.execute(
                    "update bookings set colour = 'blue' where id = 1 + %s %% 50", (len(writes),)
                )
                writes.append(time.monotonic() - started)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(empty_db, "select exists (select from bookings where colour = 'blue')")
        first = len(writes)
        migrate(empty_db)
        last = len(writes)
    finally:
        stop.set()
        writer.join()
    assert ask(empty_db, files) == before
    assert last > first
    assert max(writes) < 3


def test_a_session_that_the_server_ends_is_a_failure_of_its_statement(empty_db, tmp_path):
    text = "create table public.a (id int);\nselect pg_terminate_backend(pg_backend_pid());\n"
    with pytest.raises(StatementFailed) as caught:
        migrate(empty_db, directory=plant(tmp_path / "m", m0001_one=text))
    assert (caught.value.line, caught.value.sqlstate) == (2, "57P01")
    assert ask(empty_db, "select to_regclass('public.a') is null")


def test_the_lock_is_free_after_a_failure(empty_db, tmp_path):
    folder = plant(tmp_path / "m", m0001_one="select 1 / 0;")
    for _ in range(2):
        with pytest.raises(StatementFailed) as caught:
            migrate(empty_db, directory=folder, wait=0.1)
        assert caught.value.sqlstate == "22012"
    assert ask(empty_db, "select count(*) from pg_locks where locktype = 'advisory'") == 0
