"""Applying and comparing migrations."""

import getpass
import shutil

import psycopg
import pytest
from hosts import APPLICATION, ask, plant, run
from psycopg.conninfo import conninfo_to_dict

from ticketdb._resources import migrations_dir
from ticketdb.migrate import (
    DatabaseNewer,
    EditedMigration,
    MigrationError,
    StatementFailed,
    migrate,
    rollback,
    status,
)
from tools.catalog import compare, snapshot


@pytest.fixture
def folder(tmp_path):
    """A copy of the real migrations that a test may spoil."""
    return shutil.copytree(migrations_dir(), tmp_path / "migrations")


def test_an_empty_database_gets_everything(empty_db):
    report = migrate(empty_db)
    assert len(report.applied) >= 7
    found = status(empty_db)
    assert found.up_to_date
    assert found.applied == report.applied


def test_running_again_changes_nothing(db):
    before = snapshot(db, without=()), ask(db, "select count(*) from ticketdb.ticket_migrations_log")
    assert migrate(db).applied == ()
    assert before == (
        snapshot(db, without=()),
        ask(db, "select count(*) from ticketdb.ticket_migrations_log"),
    )


def test_the_applications_database_is_migrated_around_its_rows(empty_db):
    run(empty_db, APPLICATION)
    migrate(empty_db)
    assert ask(empty_db, "select count(*) from bookings where event_schedule_id is null") == 50


def test_a_dry_run_tells_what_it_would_do_and_writes_nothing(empty_db):
    before = snapshot(empty_db, without=())
    report = migrate(empty_db, dry_run=True)
    assert report.dry_run
    assert report.applied == status(empty_db).pending != ()
    assert snapshot(empty_db, without=()) == before


def test_status_of_a_strange_database_writes_nothing(empty_db):
    before = snapshot(empty_db, without=())
    found = status(empty_db)
    assert (found.applied, found.edited, found.unknown, found.up_to_date) == ((), (), (), False)
    assert snapshot(empty_db, without=()) == before


def test_ids_cannot_be_those_of_the_applications_own_migrations(db):
    assert all(name.startswith("ticketdb-") for name in status(db).applied)


def test_an_edited_applied_migration_is_refused_by_name(db, folder):
    path = folder / "0002_tables.sql"
    path.write_text(path.read_text() + "\nselect 1;\n")
    assert status(db, directory=folder).edited == ("ticketdb-0002_tables",)
    with pytest.raises(EditedMigration) as caught:
        migrate(db, directory=folder)
    assert "ticketdb-0002_tables" in caught.value.message


def test_line_endings_are_no_edit(db, folder):
    path = folder / "0002_tables.sql"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert status(db, directory=folder).up_to_date


def test_a_database_newer_than_the_package_is_refused_with_the_command_to_run(db, folder):
    newest = sorted(folder.glob("[0-9]*.sql"))[-1]
    newest.unlink()
    with pytest.raises(DatabaseNewer) as caught:
        migrate(db, directory=folder)
    assert newest.stem in caught.value.message
    assert "pip install --upgrade ticketdb" in caught.value.hint


def test_a_failing_statement_names_file_line_and_sqlstate(empty_db, tmp_path):
    text = (
        "-- A comment.\n\ncreate table public.a (id int);\n\n-- why\ninsert into public.a\nvalues (1 / 0);\n"
    )
    folder = plant(tmp_path / "m", m0001_one="create table public.z (id int);\n", m0002_two=text)
    with pytest.raises(StatementFailed) as caught:
        migrate(empty_db, directory=folder)
    error = caught.value
    assert (error.file, error.line, error.sqlstate) == ("0002_two.sql", 6, "22012")
    assert error.statement.startswith("insert into public.a")
    # the one before stays, with its record; the failing one has left nothing
    assert status(empty_db, directory=folder).applied == ("ticketdb-0001_one",)
    assert ask(empty_db, "select to_regclass('public.z') is not null and to_regclass('public.a') is null")


def test_a_syntax_error_is_found_in_the_line_that_has_it(empty_db, tmp_path):
    folder = plant(tmp_path / "m", m0001_one="select 1;\nselect\n    1,\n    from from;\n")
    with pytest.raises(StatementFailed) as caught:
        migrate(empty_db, directory=folder)
    assert (caught.value.line, caught.value.sqlstate) == (4, "42601")


def test_other_files_in_the_folder_do_not_count(empty_db, tmp_path):
    folder = plant(tmp_path / "m", m0001_one="select 1;", m1_short="syntax error", mnotes="syntax error")
    assert migrate(empty_db, directory=folder).applied == ("ticketdb-0001_one",)


def test_rows_that_a_migration_reads_are_not_printed(empty_db, tmp_path, capfd):
    migrate(empty_db, directory=plant(tmp_path / "m", m0001_one="select 'secret';"))
    assert capfd.readouterr() == ("", "")


def test_settings_of_the_role_do_not_reach_a_migration(empty_db, tmp_path):
    spoiled = (
        f"{empty_db} options='-c search_path=public -c statement_timeout=1s -c check_function_bodies=on'"
    )
    seen = (
        "create table public.seen as select current_setting('search_path') as path,"
        " current_setting('statement_timeout') as timeout,"
        " current_setting('check_function_bodies') as bodies;"
    )
    migrate(spoiled, directory=plant(tmp_path / "m", m0001_one=seen))
    assert ask(empty_db, "select (path, timeout, bodies)::text from seen") == "(pg_catalog,0,off)"


def test_a_dsn_reaches_libpq_as_it_is(empty_db, tmp_path):
    # yoyo's own parsing would lose the option and the socket's folder
    named = f"{empty_db} application_name='my run'"
    seen = "create table public.seen as select current_setting('application_name');"
    migrate(named, directory=plant(tmp_path / "m", m0001_one=seen))
    assert ask(empty_db, "select * from seen") == "my run"


def test_a_url_names_the_database_as_well(empty_db):
    parts = conninfo_to_dict(empty_db)
    url = f"postgresql:///{parts.pop('dbname')}?" + "&".join(
        f"{key}={str(value).replace('/', '%2F')}" for key, value in parts.items()
    )
    assert status(url) == status(empty_db)
    migrate(url)
    assert status(url).up_to_date


def test_a_user_without_a_name_can_migrate(empty_db, monkeypatch):
    def nameless():
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", nameless)
    migrate(empty_db)
    assert ask(empty_db, "select distinct username from ticketdb.ticket_migrations_log") == "unknown"


def test_the_inside_is_closed_to_everybody_else(db):
    assert ask(db, "select nspacl::text not like '%,=%' from pg_namespace where nspname = 'ticketdb'")


def test_a_schema_made_beforehand_is_used_and_kept(empty_db):
    run(empty_db, "create schema ticketdb; comment on schema ticketdb is 'made by the DBA'")
    before = snapshot(empty_db)
    migrate(empty_db)
    rollback(empty_db, everything=True)
    assert compare(before, snapshot(empty_db), "before", "after") == []


def test_a_folder_that_is_missing_is_an_error_of_ours(empty_db, tmp_path):
    with pytest.raises(MigrationError):
        migrate(empty_db, directory=tmp_path / "nowhere")


def test_a_server_that_is_not_there_is_an_error_of_psycopg():
    with pytest.raises(psycopg.OperationalError):
        status("host=/nowhere dbname=x")
