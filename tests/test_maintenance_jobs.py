"""The daily round by pg_cron, where there is one; where there is none, what to do instead."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from factories import call, define, expect_error, rows, value
from servers import SETTINGS, scratch

from ticketdb import TicketDB
from ticketdb.embedded import EmbeddedServer
from ticketdb.migrate import migrate, rollback

# where Debian's packages postgresql-N-cron put it
LIBRARIES = sorted(Path("/usr/lib/postgresql").glob("*/lib/pg_cron.so"))
CRON = {
    **SETTINGS,
    "shared_preload_libraries": "pg_cron",
    "cron.database_name": "shop",
    "cron.use_background_workers": "on",
}
ROUND = ("ticketdb.maintenance", "* * * * *", "select public.run_maintenance(30)")


@pytest.mark.parametrize(
    ("every", "schedule"),
    [
        ("1 minute", "* * * * *"),
        ("00:15", "*/15 * * * *"),
        ("60 min", "0 * * * *"),
        ("6 hours", "0 */6 * * *"),
        ("1 day", "0 3 * * *"),
    ],
)
def test_without_pg_cron_it_says_what_to_do(tx: psycopg.Connection, every: str, schedule: str) -> None:
    (job,) = rows(tx, "select * from public.schedule_maintenance_jobs(%s, 7)", every)
    assert (job.job_name, job.schedule, job.command) == (
        "ticketdb.maintenance",
        schedule,
        "select public.run_maintenance(7)",
    )
    assert job.is_scheduled is False
    assert "ticketdb maintain --every 60" in job.next_step
    assert f'{schedule} psql -d {tx.info.dbname} -qc "{job.command}"' in job.next_step
    assert call(tx, "unschedule_maintenance_jobs").unschedule_maintenance_jobs == 0


@pytest.mark.parametrize("every", ["7 minutes", "30 seconds", "5 hours", "2 days", "-1 minute", None])
def test_what_cron_cannot_do_is_refused(tx: psycopg.Connection, every: str | None) -> None:
    with expect_error(tx, "PT400", "invalid_argument"):
        call(tx, "schedule_maintenance_jobs", every)
    with expect_error(tx, "PT400", "invalid_argument"):
        call(tx, "schedule_maintenance_jobs", "1 minute", -1)


@pytest.fixture
def cron_server() -> Iterator[EmbeddedServer]:
    """A server that runs pg_cron in its database `shop`."""
    if not LIBRARIES:
        pytest.skip("there is no pg_cron: install a package such as postgresql-15-cron")
    bin_dir = LIBRARIES[-1].parent.parent / "bin"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", scratch())
        started = EmbeddedServer(bin_dir=bin_dir, settings=CRON)
        started.start()
    with started:
        yield started


@pytest.fixture
def shop(cron_server: EmbeddedServer) -> Iterator[psycopg.Connection]:
    """The database of the jobs, with ticketdb."""
    with psycopg.connect(cron_server.dsn(), autocommit=True) as admin:
        admin.execute("create database shop")
    migrate(cron_server.dsn("shop"))
    with psycopg.connect(cron_server.dsn("shop"), autocommit=True) as connection:
        yield connection


def jobs(shop: psycopg.Connection) -> list[tuple[str, ...]]:
    return shop.execute("select jobname, schedule, command from cron.job order by jobid").fetchall()


@pytest.mark.no_database
@pytest.mark.once
def test_jobs_go_by_their_names_and_go_with_the_rollback(
    cron_server: EmbeddedServer, shop: psycopg.Connection
) -> None:
    assert "create extension pg_cron" in call(shop, "schedule_maintenance_jobs").next_step
    shop.execute("create extension pg_cron")
    shop.execute("select cron.schedule('mine', '0 4 * * *', 'select 1')")
    db = TicketDB(shop)
    made = db.schedule_maintenance_jobs()
    assert [(job.job_name, job.is_scheduled, job.next_step) for job in made] == [
        ("ticketdb.maintenance", True, None),
        ("ticketdb.maintenance_history", True, None),
    ]
    assert jobs(shop)[1] == ROUND
    db.schedule_maintenance_jobs(timedelta(minutes=5), 60)
    assert [job[:2] for job in jobs(shop)] == [
        ("mine", "0 4 * * *"),
        ("ticketdb.maintenance", "*/5 * * * *"),
        ("ticketdb.maintenance_history", "17 3 * * *"),
    ]
    # its command is one that pg_cron can run
    for _, _, command in jobs(shop)[1:]:
        shop.execute(command.encode())
    assert db.unschedule_maintenance_jobs() == 2
    assert db.unschedule_maintenance_jobs() == 0
    db.schedule_maintenance_jobs()
    rollback(cron_server.dsn("shop"))
    while len(jobs(shop)) > 1:
        rollback(cron_server.dsn("shop"))
    assert jobs(shop) == [("mine", "0 4 * * *", "select 1")]


@pytest.mark.no_database
@pytest.mark.once
def test_in_another_database_it_names_the_one_where_jobs_run(
    cron_server: EmbeddedServer, shop: psycopg.Connection
) -> None:
    shop.execute("create extension pg_cron")
    with psycopg.connect(cron_server.dsn(), autocommit=True) as admin:
        admin.execute("create database other")
    migrate(cron_server.dsn("other"))
    with psycopg.connect(cron_server.dsn("other"), autocommit=True) as other:
        step = call(other, "schedule_maintenance_jobs").next_step
    assert "database shop" in step
    # next to the same job of the database where it runs
    call(shop, "schedule_maintenance_jobs", "5 minutes")
    shop.execute(step.split('"')[1])
    rounds = "select j.database, j.schedule from cron.job as j where j.command ~ 'run_maintenance' order by 1"
    assert rows(shop, rounds) == [("other", "* * * * *"), ("shop", "*/5 * * * *")]


@pytest.mark.no_database
@pytest.mark.once
def test_pg_cron_runs_the_round(shop: psycopg.Connection) -> None:
    shop.execute("create extension pg_cron")
    define(shop)
    TicketDB(shop).schedule_maintenance_jobs()
    # the next minute begins within sixty seconds
    deadline = time.monotonic() + 75
    ended = "select d.status, d.return_message from cron.job_run_details as d where d.end_time is not null"
    while not (runs := rows(shop, ended)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert [run.status for run in runs[:1]] == ["succeeded"], runs
    assert value(shop, "select count(*) from public.event_schedules") == 31
