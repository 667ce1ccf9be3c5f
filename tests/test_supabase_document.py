"""docs/supabase.md: its SQL runs, its commands end well, its calls are allowed to whom it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from conftest import database
from factories import call, row, rows, value
from roles import acting
from servers import Server
from supabase import prepare, supabase_roles
from typer.testing import CliRunner

from ticketdb.cli import app
from ticketdb.migrate import export, export_parts, status

TEXT = (Path(__file__).parent.parent / "docs" / "supabase.md").read_text()
MANAGER, BUYER = "manager@example.org", "buyer@example.org"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def dsn(server: Server) -> Iterator[str]:
    """A project in which the page was followed, by its owner, from the first block to the last."""
    with supabase_roles(server), database(server) as name:
        owned = prepare(server.database(name))
        with psycopg.connect(owned, autocommit=True) as owner:
            for text in export_parts():
                owner.execute(text.encode())
            owner.execute("insert into auth.users (email) values (%s)", [MANAGER])
            for block in blocks("sql"):
                owner.execute(block.encode())
            owner.execute("insert into auth.users (email) values (%s)", [BUYER])
        yield owned


@pytest.fixture
def project(dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn) as connection:
        yield connection
        connection.rollback()


def test_whoever_signs_up_is_a_user_and_reserves(project: psycopg.Connection) -> None:
    offer = row(project, "select v.* from public.v_event_availability as v order by v.starts_at limit 1")
    with acting(project, "authenticated", email=BUYER):
        hold = call(project, "reserve_tickets", offer.schedule_id, 2)
        assert hold.total_amount == 2 * offer.effective_price
        assert len(rows(project, "select from public.ticket_reservations")) == 1
    with acting(project, "service_role"):
        assert call(project, "confirm_reservation", hold.reservation_id, "pay").status == "confirmed"
    with acting(project, "anon"):
        seen = "select v.tickets_available from public.v_event_availability as v where v.schedule_id = %s"
        assert value(project, seen, offer.schedule_id) == 28


def test_the_admin_of_the_page_is_one(project: psycopg.Connection) -> None:
    claims = value(project, "select u.raw_app_meta_data from auth.users as u where u.email = %s", MANAGER)
    with acting(project, "authenticated", email=MANAGER, app_metadata=claims):
        assert value(project, "select ticketdb.is_staff()")
    with acting(project, "authenticated", email=BUYER):
        assert not value(project, "select ticketdb.is_staff()")


def test_the_scheduled_jobs_run(project: psycopg.Connection) -> None:
    commands = [command for (command,) in rows(project, "select j.command from cron.job as j")]
    assert any("run_maintenance" in command for command in commands)
    for command in commands:
        project.execute(command.encode())


def test_what_is_published_can_be_heard_by_whom_the_page_says(project: psycopg.Connection) -> None:
    published = rows(
        project, "select p.tablename from pg_publication_tables as p where p.pubname = 'supabase_realtime'"
    )
    assert {name for (name,) in published} == {"event_schedules", "ticket_reservations"}
    full = "select count(*) from pg_class where relreplident <> 'd' and relname = any (%s)"
    assert value(project, full, [name for (name,) in published]) == 0
    rights = "select has_table_privilege(%s, %s, 'select')"
    assert value(project, rights, "anon", "public.event_schedules")
    assert not value(project, rights, "anon", "public.ticket_reservations")
    assert value(project, rights, "authenticated", "public.ticket_reservations")


def test_calls_of_the_page_name_functions_columns_and_parameters_that_are_there(
    project: psycopg.Connection,
) -> None:
    called = 0
    for block in blocks("js"):
        role = "service_role" if "SECRET_KEY" in block else "authenticated"
        for name, arguments in re.findall(r"\.rpc\('(\w+)', \{(.*?)\n?\s*\}\)", block, re.DOTALL):
            query = (
                "select p.oid::int, p.proargnames from pg_proc as p where p.oid = ('public.' || %s)::regproc"
            )
            function = row(project, query, name)
            assert set(re.findall(r"\b(p_\w+):", arguments)) <= set(function.proargnames)
            assert value(project, "select has_function_privilege(%s, %s::oid, 'execute')", role, function.oid)
            called += 1
        for relation, columns in re.findall(r"\.from\('(\w+)'\)\s*\.select\('(.*?)'\)", block):
            for table, listed in [(relation, columns), *re.findall(r"(\w+)\((.*?)\)", columns)]:
                listed = re.sub(r",?\s*\w+\(.*?\)", "", listed)
                project.execute(f"select {listed} from public.{table}".encode())
                called += 1
    assert called > 5


def test_commands_of_the_page_end_well(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "supabase").mkdir()
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("ticketdb ")]
    for line in lines:
        arguments = line.partition(" > ")[0].split()[1:]
        result = CliRunner().invoke(app, arguments, env={"TICKETDB_DSN": dsn})
        assert result.exit_code == 0, (line, result.output)
        if " > " in line:
            assert result.stdout == export()
    assert {line.split()[1] for line in lines} == {"export", "migrate", "status", "doctor"}
    assert status(dsn).up_to_date
    assert len(list((tmp_path / "supabase" / "migrations").glob("*_ticketdb_*.sql"))) == 1
    assert [path.read_text() for path in sorted((tmp_path / "ticketdb-sql").iterdir())] == export_parts()
