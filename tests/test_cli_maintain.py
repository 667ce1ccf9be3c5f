"""`ticketdb maintain`: one round, or one after another until it is told to stop."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from factories import define
from test_cli import rows, run

COMMAND = [sys.executable, "-m", "ticketdb"]


@pytest.fixture
def shop(db: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(db, autocommit=True) as connection:
        yield connection


@contextmanager
def running(*arguments: str, dsn: str) -> Iterator[subprocess.Popen[str]]:
    """A command that runs until it is told to stop."""
    with subprocess.Popen(
        [*COMMAND, *arguments, "--dsn", dsn], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_round_shows_what_it_did(db: str, shop: psycopg.Connection) -> None:
    define(shop)
    (counts,) = rows("maintain", "--horizon", "6", dsn=db)
    assert counts["schedules_generated"] == 7
    assert run("maintain", dsn=db).exit_code == 0


def test_a_round_with_errors_names_them_and_exits_with_one(db: str, shop: psycopg.Connection) -> None:
    define(shop, event_code="bad")
    shop.execute(
        """
        create function public.fail() returns trigger language plpgsql as
        $$ begin raise exception 'not this one'; end $$;
        create trigger fail before insert on public.event_schedules
        for each row execute function public.fail();
        """
    )
    result = run("maintain", dsn=db)
    assert result.exit_code == 1
    assert "schedules_generated of bad: not this one [SQLSTATE P0001]" in result.stderr
    (counts,) = json.loads(run("maintain", "--json", dsn=db).stdout)
    assert counts["errors"][0]["event_code"] == "bad"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_rounds_go_on_until_it_is_told_to_stop(
    db: str, shop: psycopg.Connection, how: signal.Signals
) -> None:
    with running("maintain", "--every", "1", "--json", dsn=db) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["schedules_generated"] == 0
        define(shop)
        while not json.loads(process.stdout.readline())["schedules_generated"]:
            pass
        process.send_signal(how)
        assert process.wait(10) == 0


def test_a_round_that_fails_is_told_and_the_next_one_works(db: str, shop: psycopg.Connection) -> None:
    with running("maintain", "--every", "1", "--json", dsn=db) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        shop.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ticketdb'"
        )
        assert process.stderr.readline().startswith("error: ")
        assert "holds_expired" in json.loads(process.stdout.readline())
        process.terminate()
        assert process.wait(10) == 0


@pytest.mark.parametrize("pause", ["0", "nan", "inf", "1e12"])
def test_a_pause_of_less_than_a_second_or_of_ages_is_wrong_usage(db: str, pause: str) -> None:
    assert run("maintain", "--every", pause, dsn=db).exit_code == 2
