"""`ticketdb doctor`: what it finds wrong, and what it says to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import psycopg
import pytest
from conftest import database
from factories import schedule, sell
from outbox import claim, complete
from pass_helpers import pass_type, sell_pass
from servers import Server
from supabase import prepare, supabase_roles
from test_cli import rows, run

from ticketdb.cli._host_checks import HOST_TRIGGERS

Connect = Callable[..., psycopg.Connection]


@pytest.fixture
def shop(db: str) -> str:
    """The DSN of a database with an occurrence."""
    with psycopg.connect(db, autocommit=True) as connection:
        schedule(connection)
    return db


def findings(dsn: str) -> tuple[int, dict[str, bool]]:
    result = run("doctor", "--json", dsn=dsn)
    return result.exit_code, {row["check"]: row["ok"] for row in json.loads(result.stdout)}


def test_doctor_finds_a_sound_installation_sound(db: str) -> None:
    status, checks = findings(db)
    assert status == 0
    assert set(checks) == {
        "server version",
        "connection",
        "isolation",
        "migrations",
        "host triggers",
        "roles",
        "counters",
        "bookings",
        "participants",
        "notifications",
    }
    assert all(checks.values())


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        ("alter table public.bookings disable trigger ticketdb_follow_new_booking", "host triggers"),
        ("alter table public.bookings disable trigger ticketdb_occupy_space", "host triggers"),
        ("drop trigger ticketdb_link_participant on public.program_participants", "host triggers"),
        ("delete from ticketdb.ticket_migrations where migration_id like '%0007%'", "migrations"),
        (
            "insert into ticketdb.seat_buckets select id, 0, 0, 3, 1 from public.event_schedules",
            "counters",
        ),
    ],
)
def test_doctor_ends_with_1_and_a_next_step(shop: str, connect: Connect, damage: str, check: str) -> None:
    connect().execute(damage)
    result = run("doctor", "--json", dsn=shop)
    assert result.exit_code == 1
    wrong = [row for row in json.loads(result.stdout) if not row["ok"]]
    assert [row["check"] for row in wrong] == [check]
    assert wrong[0]["next_step"]


def test_doctor_notices_an_isolation_level_at_which_nothing_is_sold(db: str, connect: Connect) -> None:
    connection = connect()
    connection.execute(
        f"alter database {connection.info.dbname} set default_transaction_isolation = 'repeatable read'"
    )
    status, checks = findings(db)
    assert (status, checks["isolation"]) == (1, False)


def test_doctor_knows_every_trigger_on_tables_of_the_application(tx: psycopg.Connection) -> None:
    found = tx.execute(
        """
        select 'public.' || c.relname, array_agg(t.tgname::text)
        from pg_trigger as t
        join pg_class as c on c.oid = t.tgrelid
        where not t.tgisinternal and t.tgname like 'ticketdb%%'
        group by c.relname
        """
    ).fetchall()
    assert {relation: set(names) for relation, names in found} == {
        relation: set(names) for relation, names in HOST_TRIGGERS.items()
    }


# -- messages


@pytest.fixture
def shop_with_messages(db: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(db, autocommit=True) as connection:
        sell(connection, schedule(connection))
        sell_pass(connection, pass_type(connection))
        yield connection


def notifications(dsn: str) -> tuple[bool, str | None]:
    (found,) = [
        row for row in json.loads(run("doctor", "--json", dsn=dsn).stdout) if row["check"] == "notifications"
    ]
    return found["ok"], found["next_step"]


def test_messages_that_wait_are_wrong_only_where_somebody_sends(
    db: str, shop_with_messages: psycopg.Connection
) -> None:
    overdue = "update public.ticket_notifications set due_at = now() - interval '61 minutes'"
    assert notifications(db) == (True, None)
    shop_with_messages.execute(overdue)
    sound, step = notifications(db)
    assert (sound, "notifications run" in (step or "")) == (True, True)
    claim(shop_with_messages, 1)
    assert notifications(db)[0] is False
    shop_with_messages.execute(overdue)
    sound, step = notifications(db)
    assert (sound, "notifications run" in (step or "")) == (False, True)
    shop_with_messages.execute(
        "update public.ticket_notifications set due_at = now() - interval '50 minutes'"
    )
    assert notifications(db) == (True, None)


def test_messages_that_were_given_up_are_wrong_for_a_week_and_listed(
    db: str, shop_with_messages: psycopg.Connection
) -> None:
    shop_with_messages.execute("update public.ticket_notifications set attempts = 9")
    made_dead = claim(shop_with_messages)
    for message in made_dead:
        assert complete(shop_with_messages, message, "no such address").status == "dead"
    sound, step = notifications(db)
    assert (sound, "notifications list" in (step or "")) == (False, True)
    # those of a pass, too
    listed = rows("notifications", "list", dsn=db)
    assert {row["notification_id"] for row in listed} == {one.notification_id for one in made_dead}
    assert {row["reservation_code"] is None for row in listed} == {True, False}
    assert all((row["reservation_code"] is None) != (row["pass_code"] is None) for row in listed)
    shop_with_messages.execute(
        "update public.ticket_notifications set completed_at = now() - interval '8 days'"
    )
    assert notifications(db) == (True, None)


# -- the daily round


@pytest.fixture
def project(server: Server, template: str) -> Iterator[str]:
    """A shop beside a pg_cron; it goes before its roles, which could not go before it."""
    with supabase_roles(server), database(server, template) as name:
        dsn = server.database(name)
        prepare(dsn)
        run("roles", dsn=dsn)
        yield dsn


@pytest.mark.parametrize(
    ("record", "sound"),
    [
        (None, True),
        ("('succeeded', '1 row', now() - interval '2 hours')", True),
        ("('succeeded', '1 row', now() - interval '26 hours')", False),
        ("('failed', 'ERROR: no', now() - interval '2 hours')", False),
        ("('failed', 'ERROR: no', now() - interval '2 hours'), ('succeeded', '1 row', now())", True),
    ],
)
def test_a_daily_round_that_fails_or_stays_out_is_found(
    project: str, record: str | None, sound: bool
) -> None:
    assert "daily round" not in findings(project)[1]
    with psycopg.connect(project, autocommit=True) as connection:
        connection.execute("select public.schedule_maintenance_jobs()")
        if record:
            connection.execute(
                f"""
                insert into cron.job_run_details (jobid, status, return_message, start_time, end_time)
                select j.jobid, v.status, v.told, v.moment, v.moment + interval '1 second'
                from cron.job as j, (values {record}) as v (status, told, moment)
                where j.jobname = 'ticketdb.maintenance'
                """.encode()
            )
    status, checks = findings(project)
    assert (status == 0, checks["daily round"]) == (sound, sound)
    with psycopg.connect(project, autocommit=True) as connection:
        connection.execute("update cron.job set active = false")
    assert findings(project)[1]["daily round"] is False
