"""`ticketdb export --parts`: the migrations as texts that Supabase's SQL editor takes, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
from exports import LOG, RECORDS, NewDatabase, db_push, editor, first_migrations, projects, psql, refusal
from factories import assert_sound, counters, schedule, sell
from hosts import APPLICATION, ask, run
from servers import Server
from supabase import split
from test_relocation import relocated
from test_relocation import sell as sell_there
from typer.testing import CliRunner, Result

from ticketdb.cli import app
from ticketdb.migrate import EDITOR_LIMIT, HostUnsuitable, export, export_parts, migrate, status
from ticketdb.migrate.lock import run_lock
from tools.catalog import compare, snapshot

DASHBOARD = 0.98 * 1024**2  # what Supabase's SQL editor takes
SMALL = 400_000  # for more than two


@cache
def parts(limit: int = EDITOR_LIMIT) -> list[str]:
    return export_parts(limit=limit)


@pytest.fixture(scope="module")
def new_database(server: Server) -> Iterator[NewDatabase]:
    with projects(server) as new:
        yield new


@pytest.fixture
def project(new_database: NewDatabase) -> str:
    """The DSN of a project."""
    return new_database()


def state(dsn: str) -> tuple[object, ...]:
    return snapshot(dsn, without=()), ask(dsn, RECORDS), ask(dsn, LOG)


def applied(dsn: str) -> list[str]:
    return [name.partition("-")[2][:4] for name in status(dsn).applied]


def test_each_part_fits_into_the_editor() -> None:
    assert len(parts()) > 1
    assert max(len(text.encode()) for text in parts()) <= EDITOR_LIMIT < DASHBOARD
    assert len(parts(SMALL)) > 2
    assert max(len(text.encode()) for text in parts(SMALL)) <= SMALL


def test_each_part_is_two_statements_and_neither_begins_nor_ends_a_transaction() -> None:
    assert [len(split(text)) for text in parts()] == [2] * len(parts())


def test_what_fits_is_one_part_and_the_same_text() -> None:
    assert export_parts(limit=10_000_000) == [export()]


@pytest.mark.parametrize("way", [editor, db_push, psql])
def test_every_way_makes_what_migrate_makes(
    project: str, new_database: NewDatabase, way: Callable[[str, str], None]
) -> None:
    other = new_database()
    migrate(other)
    for text in parts():
        way(project, text)
    # the command line's own record
    run(project, "drop schema if exists supabase_migrations cascade")
    assert compare(snapshot(other, without=()), snapshot(project, without=()), "migrated", "exported") == []
    assert status(project).up_to_date
    assert ask(project, LOG) == len(status(project).applied)
    assert migrate(project).applied == ()


def test_each_part_brings_its_migrations_and_repeated_changes_nothing(project: str) -> None:
    grown = []
    for number in range(len(parts(SMALL))):
        editor(project, parts(SMALL)[number])
        before = state(project)
        for text in parts(SMALL)[: number + 1]:
            editor(project, text)
        assert state(project) == before
        grown.append(len(applied(project)))
    assert grown == sorted(set(grown))
    assert status(project).up_to_date


def test_part_that_comes_too_early_is_told_which_comes_first(project: str) -> None:
    first, second, third = parts(SMALL)[:3]
    told = refusal(project, second)
    assert "part 1" in (told.message_hint or "")
    assert "part 1" in (refusal(project, third).message_hint or "")
    editor(project, first)
    assert "part 2" in (refusal(project, third).message_hint or "")
    editor(project, second)
    editor(project, third)


def test_first_part_stops_at_what_would_stop_a_later_one_with_the_words_of_migrate(project: str) -> None:
    run(project, "create table schedules_ics (id int)")
    assert all("function public.schedules_ics" not in text for text in parts()[:-1])
    with pytest.raises(HostUnsuitable) as caught:
        migrate(project)
    told = refusal(project, parts()[0])
    assert (told.message_primary, told.message_hint) == (caught.value.message, caught.value.hint)


def test_parts_go_on_from_wherever_migrate_ended(project: str, tmp_path: Path) -> None:
    run(project, APPLICATION)
    migrate(project, directory=first_migrations(tmp_path, "0008"))
    with psycopg.connect(project) as connection:
        occurrence = schedule(connection)
        sell(connection, occurrence, 2)
    before = ask(project, RECORDS)
    for text in parts():
        editor(project, text)
    assert ask(project, RECORDS)[: len(before)] == before
    assert status(project).up_to_date
    with psycopg.connect(project) as connection:
        assert counters(connection, occurrence) == (3, 0, 2)
        assert_sound(connection)


def test_parts_whole_text_and_migrate_take_over_from_each_other(
    project: str, new_database: NewDatabase
) -> None:
    editor(project, parts()[0])
    assert not status(project).up_to_date
    editor(project, export())
    assert status(project).up_to_date
    other = new_database()
    editor(other, parts()[0])
    migrate(other)
    assert compare(snapshot(other, without=()), snapshot(project, without=()), "migrate", "export") == []


def test_another_run_stops_a_part_at_once(project: str) -> None:
    with psycopg.connect(project, autocommit=True) as other, run_lock(other, 0, print):
        assert refusal(project, parts()[0]).sqlstate == psycopg.errors.LockNotAvailable.sqlstate


def test_a_relocated_copy_can_be_exported_in_parts(project: str, tmp_path: Path) -> None:
    run(project, "create schema shop")
    folder = relocated(tmp_path / "migrations", "shop", "engine")
    for text in export_parts(directory=folder, schema="engine", face="shop"):
        editor(project, text)
    assert status(project, directory=folder, schema="engine").up_to_date
    assert sell_there(project, "shop") == ("confirmed", 2, 0)


# -- the command


def command(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["export", *arguments])


def test_the_parts_are_written_as_files_in_their_order_and_anew(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    for _ in range(2):
        result = command("--parts", str(folder))
        assert result.exit_code == 0
        written = [Path(line) for line in result.stdout.splitlines()]
        assert written == sorted(folder.iterdir())
        assert [path.read_text() for path in written] == parts()
        assert "ticketdb status" in result.stderr
        written[0].write_text("-- cut off\n")


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "nowhere" / "parts", tmp_path / "file"):
        assert command("--parts", str(folder)).exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
