"""The maintainers' tools: copies, seals, the two ways to build a database, the client made of the other."""

import shutil
from pathlib import Path

import pytest
from hosts import run

from ticketdb.migrate import migrate, rollback
from tools import check
from tools.catalog import compare, snapshot
from tools.databases import build_from_sql
from tools.freeze import freeze
from tools.migration import make_migration
from tools.project import Project, copies, rollback_of
from tools.seal import seal, sealed_files
from tools.transition import transition
from tools.unasync import RESULT, SOURCE, generate, stale

ROOT = Path(__file__).parent.parent


@pytest.fixture
def project(tmp_path):
    """A copy of sql/ and migrations/, all of it frozen and sealed."""
    shutil.copytree(ROOT / "sql", tmp_path / "sql")
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    copy = Project(tmp_path)
    freeze(copy)
    seal(copy)
    return copy


@pytest.fixture
def one_function(tmp_path):
    """A project of one sealed migration with one function."""
    (tmp_path / "sql" / "functions").mkdir(parents=True)
    (tmp_path / "migrations").mkdir()
    small = Project(tmp_path)
    write(small, "functions/f.sql", function("f", "a int", "1"))
    make_migration(small, "start")
    seal(small)
    return small


def write(project: Project, path: str, text: str) -> None:
    """Write a file of sql/."""
    target = project.sql / path
    target.parent.mkdir(exist_ok=True)
    target.write_text(text)


def function(name: str, arguments: str, result: str) -> str:
    """The text of a function in house style."""
    return (
        f"-- Does it.\ncreate or replace function public.{name}({arguments})\nreturns int\nlanguage sql\n"
        f"as $$ select {result} $$;\ncomment on function public.{name} is 'Does it';\n"
    )


def test_what_is_in_the_repository_is_frozen():
    assert check.frozen(Project(ROOT)) == []


def test_an_edited_function_is_reported_as_not_frozen(project):
    assert check.frozen(project) == []
    path = project.sql / "functions" / "raise_error.sql"
    path.write_text(path.read_text() + "-- changed\n")
    (project.sql / "functions" / "verify_inventory.sql").unlink()
    write(project, "functions/brand_new.sql", function("brand_new", "", "1"))
    found = check.frozen(project)
    assert [line.split()[0] for line in found] == [
        "sql/functions/brand_new.sql",
        "sql/functions/raise_error.sql",
        "sql/functions/verify_inventory.sql",
    ]


def test_a_changed_missing_or_new_migration_is_reported_by_sealed(project):
    assert check.sealed(project) == []
    with (project.migrations / "0002_tables.sql").open("a") as file:
        file.write("select 1;\n")
    (project.migrations / "0003_host_columns.rollback.sql").unlink()
    (project.migrations / "0099_new.sql").write_text("select 1;\n")
    (project.migrations / "notes.txt").write_text("")
    found = "\n".join(check.sealed(project))
    for name in ("0002_tables.sql", "0003_host_columns.rollback.sql", "0099_new.sql", "notes.txt"):
        assert name in found


def test_a_changed_migration_is_not_sealed_again(project):
    before = sealed_files(project)
    with (project.migrations / "0002_tables.sql").open("a") as file:
        file.write("select 1;\n")
    with pytest.raises(SystemExit, match="0002_tables"):
        seal(project)
    assert sealed_files(project) == before


def test_both_ways_to_build_a_database_give_the_same(db, empty_db):
    build_from_sql(empty_db, Project(ROOT))
    assert compare(snapshot(empty_db), snapshot(db), "in sql/", "in migrations/") == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            "create or replace function verify_inventory(int) returns int language sql return 1",
            "function public.verify_inventory(integer)",
        ),
        ("grant execute on function ticketdb.raise_error to public", "grant ticketdb.raise_error("),
        ("grant usage on schema ticketdb to public", "grant schema ticketdb to public"),
        (
            "grant select (title) on event_definitions to public",
            "grant public.event_definitions.title to public",
        ),
        ("comment on view v_event_availability is 'other'", "comment view public.v_event_availability"),
        ("comment on column event_schedules.id is null", "comment table column public.event_schedules.id"),
        (
            "alter table bookings alter constraint ticketdb_ticket_type_id deferrable",
            "constraint public.bookings.",
        ),
        ("drop index event_schedules_space", "index public.event_schedules_space"),
        ("alter table event_schedules alter status drop default", "column public.event_schedules.status"),
        ("alter table event_schedules disable trigger user", "trigger public.event_schedules."),
        ("alter table event_tickets disable row level security", "table public.event_tickets"),
        ("alter view v_event_availability reset (security_invoker)", "view public.v_event_availability"),
        ("create policy all_of_it on event_tickets using (true)", "policy public.event_tickets.all_of_it"),
        ("alter sequence event_definitions_id_seq increment 2", "sequence public.event_definitions_id_seq"),
        ("create type mood as enum ('good')", "type public.mood"),
        ("alter type public.scan_answer add attribute more int", "type public.scan_answer"),
        ("alter function ticketdb.raise_error set work_mem = '1MB'", "function ticketdb.raise_error("),
    ],
)
def test_a_difference_is_named(db, change, named):
    before = snapshot(db)
    run(db, change)
    found = compare(before, snapshot(db), "before", "after")
    assert any(line.startswith(named) or line.startswith(f"function public.{named[9:]}") for line in found), (
        found
    )


def test_same_names_what_migrations_lack(project, server, monkeypatch):
    monkeypatch.setenv("TICKETDB_TEST_DSN", server.dsn)
    assert check.same(project) == []
    write(project, "functions/brand_new.sql", function("brand_new", "", "1"))
    found = check.same(project)
    assert {line.split(":")[0] for line in found} == {
        "comment function public.brand_new()",
        "function public.brand_new()",
        "grant public.brand_new() to public",
    }


def test_a_new_migration_holds_what_changed_and_its_rollback_what_was(one_function, empty_db):
    migrate(empty_db, directory=one_function.migrations)
    before = snapshot(empty_db)
    write(one_function, "functions/f.sql", function("f", "a int", "2"))
    write(one_function, "functions/g.sql", function("g", "", "3"))
    write(one_function, "views/v.sql", "create or replace view public.v as select public.g() as g;\n")
    path = make_migration(one_function, "second")
    assert path.name == "0002_second.sql"
    assert set(copies(path.read_text())) == {"functions/f.sql", "functions/g.sql", "views/v.sql"}
    assert check.frozen(one_function) == []

    migrate(empty_db, directory=one_function.migrations)
    assert compare(before, snapshot(empty_db), "before", "after") != []
    rollback(empty_db, directory=one_function.migrations)
    assert compare(before, snapshot(empty_db), "before", "after") == []


def test_another_signature_leaves_no_overload_behind(one_function, empty_db):
    migrate(empty_db, directory=one_function.migrations)
    before = snapshot(empty_db)
    write(one_function, "functions/f.sql", function("f", "a int, b text default 'x, y'", "2"))
    make_migration(one_function, "signature")
    migrate(empty_db, directory=one_function.migrations)
    names = [name for kind, name in snapshot(empty_db) if kind == "function"]
    assert names == ["public.f(integer,text)"]
    rollback(empty_db, directory=one_function.migrations)
    assert compare(before, snapshot(empty_db), "before", "after") == []


def test_a_type_that_changes_takes_its_functions_along(one_function, empty_db):
    pair = "create type public.pair as (one int{});\ncomment on type public.pair is 'Pair';\n"
    write(one_function, "types/pair.sql", pair.format(""))
    for name in ("kept", "gone"):
        text = function(name, "", "row(1)::public.pair").replace("returns int", "returns setof public.pair")
        write(one_function, f"functions/{name}.sql", text)
    make_migration(one_function, "with_pair")
    seal(one_function)
    migrate(empty_db, directory=one_function.migrations)
    before = snapshot(empty_db)

    write(one_function, "types/pair.sql", pair.format(", two int"))
    (one_function.sql / "functions" / "gone.sql").unlink()
    kept = one_function.sql / "functions" / "kept.sql"
    kept.write_text(kept.read_text().replace("row(1)", "row(1, 2)"))
    path = make_migration(one_function, "wider")
    assert set(copies(path.read_text())) == {"types/pair.sql", "functions/kept.sql", "functions/gone.sql"}
    assert check.frozen(one_function) == []
    migrate(empty_db, directory=one_function.migrations)
    assert snapshot(empty_db)["type", "public.pair"].endswith("one integer, two integer")
    rollback(empty_db, directory=one_function.migrations)
    assert compare(before, snapshot(empty_db), "before", "after") == []


def test_what_is_gone_from_sql_is_dropped_and_comes_back_with_the_rollback(one_function, empty_db):
    migrate(empty_db, directory=one_function.migrations)
    before = snapshot(empty_db)
    (one_function.sql / "functions" / "f.sql").unlink()
    path = make_migration(one_function, "without")
    assert copies(path.read_text()) == {"functions/f.sql": None}
    assert check.frozen(one_function) == []
    migrate(empty_db, directory=one_function.migrations)
    assert not [name for kind, name in snapshot(empty_db) if kind == "function"]
    rollback(empty_db, directory=one_function.migrations)
    assert compare(before, snapshot(empty_db), "before", "after") == []


def test_freeze_refreshes_what_is_not_sealed_and_leaves_the_rest(one_function):
    first = (one_function.migrations / "0001_start.sql").read_text()
    write(one_function, "functions/g.sql", function("g", "", "3"))
    path = make_migration(one_function, "second")
    path.write_text("-- by hand\n" + path.read_text())
    write(one_function, "functions/g.sql", function("g", "", "4"))
    write(one_function, "functions/f.sql", function("f", "a int", "5"))
    assert freeze(one_function) == [path, rollback_of(path)]
    assert path.read_text().startswith("-- by hand\n")
    assert check.frozen(one_function) == []
    assert (one_function.migrations / "0001_start.sql").read_text() == first
    assert freeze(one_function) == []


@pytest.mark.parametrize("name", ["", "Upper", "a b", "../x", "a__b"])
def test_a_bad_name_for_a_migration_is_refused(one_function, name):
    with pytest.raises(SystemExit):
        make_migration(one_function, name)
    assert len(one_function.forward()) == 1


def test_a_trigger_is_dropped_from_its_table_before_its_function():
    trigger = "create or replace trigger keep\nbefore insert on public.t\nexecute function ticketdb.f();\n"
    old = {"triggers/t.sql": trigger, "functions/f.sql": function("f", "", "1")}
    assert transition(old, {}, mark_gone=False) == "drop trigger keep on public.t;\ndrop function public.f;\n"


def test_a_generated_file_that_is_edited_missing_or_left_over_is_reported(tmp_path):
    for folder in (SOURCE, RESULT):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("door.py", "waitlist.py"):
        shutil.copy(ROOT / SOURCE / name, tmp_path / SOURCE)
    for path, text in generate(tmp_path).items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert stale(tmp_path) == []
    (tmp_path / RESULT / "door.py").write_text("")
    (tmp_path / RESULT / "waitlist.py").rename(tmp_path / RESULT / "queue.py")
    assert [finding.split()[0] for finding in stale(tmp_path)] == [
        str(RESULT / name) for name in ("door.py", "waitlist.py", "queue.py")
    ]
