"""`ticketdb export`: the migrations as one text of SQL, and what Supabase's ways of running it make of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
from exports import LOG, RECORDS, NewDatabase, db_push, editor, first_migrations, projects, psql, refusal
from factories import assert_sound, counters, schedule, sell
from hosts import APPLICATION, ask, rows, run
from servers import Server
from supabase import API_ROLES, split
from test_relocation import relocated
from test_relocation import sell as sell_there
from typer.testing import CliRunner, Result

from ticketdb._resources import migrations_dir
from ticketdb.cli import app
from ticketdb.migrate import HostUnsuitable, export, migrate, rollback, status
from ticketdb.migrate.lock import run_lock
from tools.catalog import compare, snapshot


@cache
def text() -> str:
    """The export; telling its statements apart takes a second."""
    return export()


@pytest.fixture(scope="module")
def new_database(server: Server) -> Iterator[NewDatabase]:
    with projects(server) as new:
        yield new


@pytest.fixture
def project(new_database: NewDatabase) -> str:
    """The DSN of a project."""
    return new_database()


@pytest.fixture(scope="module")
def migrated(new_database: NewDatabase) -> dict:
    """The catalog of a project that `ticketdb migrate` made."""
    dsn = new_database()
    migrate(dsn)
    return snapshot(dsn, without=())


@pytest.mark.parametrize("way", [editor, db_push, psql])
def test_every_way_makes_what_migrate_makes(project: str, migrated: dict, way: Callable) -> None:
    way(project, text())
    assert compare(migrated, snapshot(project, without=()), "migrated", "exported") == []
    assert status(project).up_to_date
    assert ask(project, LOG) == len(status(project).applied)
    assert migrate(project).applied == ()


def test_running_it_again_changes_nothing(project: str) -> None:
    editor(project, text())
    before = snapshot(project, without=()), ask(project, RECORDS), ask(project, LOG)
    for way in (editor, db_push):
        way(project, text())
    assert (snapshot(project, without=()), ask(project, RECORDS), ask(project, LOG)) == before


def test_what_migrate_has_done_is_left_alone(project: str) -> None:
    migrate(project)
    before = snapshot(project, without=()), ask(project, RECORDS), ask(project, LOG)
    editor(project, text())
    assert (snapshot(project, without=()), ask(project, RECORDS), ask(project, LOG)) == before


@pytest.mark.parametrize("newest", ["0001", "0004", "0008"])
def test_an_earlier_version_is_brought_up_to_date_around_its_rows(
    project: str, new_database: NewDatabase, tmp_path: Path, newest: str
) -> None:
    other = new_database()
    earlier = first_migrations(tmp_path, newest)
    sold = []
    for dsn in (project, other):
        run(dsn, APPLICATION)
        run(dsn, "alter table program_participants alter joined_at set default '2026-01-01'")
        run(dsn, "update program_participants set joined_at = default")
        migrate(dsn, directory=earlier)
        if newest >= "0006":
            with psycopg.connect(dsn) as connection:
                sold.append(schedule(connection))
                sell(connection, sold[-1], 2)
    before = ask(project, RECORDS)
    editor(project, text())
    migrate(other)
    assert compare(snapshot(other, without=()), snapshot(project, without=()), "migrated", "exported") == []
    assert rows(project) == rows(other)
    assert ask(project, RECORDS)[: len(before)] == before
    assert status(project).up_to_date
    for dsn, occurrence in zip((project, other), sold, strict=False):
        with psycopg.connect(dsn) as connection:
            assert counters(connection, occurrence) == (3, 0, 2)
            assert_sound(connection)


def test_it_is_taken_out_like_any_other(project: str) -> None:
    before = snapshot(project)
    editor(project, text())
    rollback(project, everything=True)
    assert compare(before, snapshot(project), "before", "after") == []


def test_settings_of_the_role_neither_reach_it_nor_are_changed(project: str, migrated: dict) -> None:
    spoiled = "set search_path = extensions, public; set check_function_bodies = on; set lock_timeout = '7s';"
    asked = "select current_setting('search_path'), current_setting('lock_timeout')"
    with psycopg.connect(project) as connection:
        connection.execute(spoiled)
        connection.execute(text().encode())
        assert connection.execute(asked).fetchone() == ("extensions, public", "7s")
    assert compare(migrated, snapshot(project, without=()), "migrated", "exported") == []


def test_the_command_line_sees_two_statements_and_neither_begins_nor_ends_a_transaction() -> None:
    first, last = (re.sub(r"--[^\n]*\n", "", part).split()[0] for part in split(text()))
    assert (first, last) == ("do", "select")


# -- what stops it


@pytest.mark.parametrize(
    "change",
    [
        "create table ticket_types (id int)",
        "create function verify_inventory() returns int language sql return 1",
        "create schema ticketdb; create table ticketdb.mine (id int)",
        "alter table bookings drop column customer_note",
        "alter table program_participants alter column id type bigint",
        "alter table users rename to people; create view users as table people",
        "alter table bookings add event_schedule_id int; update bookings set event_schedule_id = 7",
    ],
)
def test_what_stops_migrate_stops_it_with_the_same_words(project: str, change: str) -> None:
    run(project, APPLICATION)
    run(project, change)
    with pytest.raises(HostUnsuitable) as caught:
        migrate(project)
    told = refusal(project, text())
    assert (told.message_primary, told.message_hint) == (caught.value.message, caught.value.hint)


def test_an_edited_migration_stops_it(project: str) -> None:
    editor(project, text())
    run(project, "update ticketdb.ticket_migrations set checksum = 'x' where migration_id like '%0002%'")
    assert "ticketdb-0002_tables" in (refusal(project, text()).message_primary or "")


def test_a_newer_database_stops_it(project: str, tmp_path: Path) -> None:
    migrate(project)
    older = export(directory=first_migrations(tmp_path, "0010"))
    assert "ticketdb-0011" in (refusal(project, older).message_primary or "")


def test_another_run_stops_it_at_once(project: str) -> None:
    with psycopg.connect(project, autocommit=True) as other, run_lock(other, 0, print):
        assert refusal(project, text()).sqlstate == psycopg.errors.LockNotAvailable.sqlstate
    editor(project, text())


# -- who may do what afterwards


def test_nothing_that_the_project_grants_by_default_stays(project: str) -> None:
    editor(project, text())
    granted = """
    select c.oid::regclass::text, lower(a.privilege_type), r.rolname
    from pg_class as c cross join aclexplode(c.relacl) as a join pg_roles as r on r.oid = a.grantee
    where c.relnamespace = 'public'::regnamespace and r.rolname = any(%(roles)s)
    union all
    select p.proname, lower(a.privilege_type), r.rolname
    from pg_proc as p cross join aclexplode(p.proacl) as a join pg_roles as r on r.oid = a.grantee
    where p.pronamespace = 'public'::regnamespace and r.rolname = any(%(roles)s)
    """
    listed = (
        "select substring(g.object from '[a-z_.]+'), g.privilege, g.role_name from ticketdb.role_grants as g"
    )
    with psycopg.connect(project) as connection:
        found = set(connection.execute(granted.encode(), {"roles": list(API_ROLES)}))
        allowed = {(name.removeprefix("public."), *rest) for name, *rest in connection.execute(listed)}
        application = {"users", "venues", "spaces", "bookings", "program_participants"}
        surplus = {right for right in found - allowed if re.sub("_id_seq$", "", right[0]) not in application}
    assert ("v_event_availability", "select", "anon") in found
    assert surplus == set()


def test_a_relocated_copy_can_be_exported_too(project: str, tmp_path: Path) -> None:
    run(project, "create schema shop")
    folder = relocated(tmp_path / "migrations", "shop", "engine")
    editor(project, export(directory=folder, schema="engine", face="shop"))
    assert status(project, directory=folder, schema="engine").up_to_date
    assert sell_there(project, "shop") == ("confirmed", 2, 0)


# -- the command


def command(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["export", *arguments])


def test_the_text_goes_to_stdout_and_the_next_step_to_stderr() -> None:
    result = command()
    assert (result.exit_code, result.stdout) == (0, text())
    assert "ticketdb status" in result.stderr


def test_a_file_for_supabase_is_written_once(tmp_path: Path) -> None:
    newest = sorted(migrations_dir().glob("[0-9]*.sql"))[-1].name[:4]
    written = command("--supabase", str(tmp_path / "migrations"))
    path = Path(written.stdout.strip())
    assert written.exit_code == 0
    assert "supabase db push" in written.stderr
    assert re.fullmatch(rf"[0-9]{{14}}_ticketdb_{newest}\.sql", path.name)
    assert path.read_text() == text()
    again = command("--supabase", str(path.parent))
    assert (again.exit_code, again.stdout) == (0, written.stdout)
    assert list(path.parent.iterdir()) == [path]


def test_the_file_comes_after_all_others_and_is_named_the_same_by_everybody(tmp_path: Path) -> None:
    names = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "20311231235959_theirs.sql").touch()
        (folder / "README.sql").touch()
        names.append(Path(command("--supabase", str(folder)).stdout.strip()).name)
    assert names[0].startswith("20320101000000_ticketdb_")
    assert names[0] == names[1]


def test_a_file_with_other_content_is_kept(tmp_path: Path) -> None:
    path = Path(command("--supabase", str(tmp_path)).stdout.strip())
    path.write_text("-- applied long ago\n")
    result = command("--supabase", str(tmp_path))
    assert result.exit_code == 1
    assert (path.read_text(), list(tmp_path.iterdir())) == ("-- applied long ago\n", [path])


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "nowhere" / "migrations", tmp_path / "file"):
        assert command("--supabase", str(folder)).exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_it_is_either_a_migration_of_the_project_or_parts(tmp_path: Path) -> None:
    assert command("--supabase", str(tmp_path), "--parts", str(tmp_path)).exit_code == 2
    assert list(tmp_path.iterdir()) == []
