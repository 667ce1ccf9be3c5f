"""The package under other schema names: a text replacement relocates it."""

import re
import shutil
from pathlib import Path

import psycopg
import pytest
from hosts import ask, run

from ticketdb.migrate import migrate, rollback
from tools.project import Project

ROOT = Path(__file__).parent.parent
# a quoted string, a comment or a dollar sign's body may say the words as they please; a name may not
SCHEMA_WORD = re.compile(r"(?<![\w.'])(public|ticketdb)\b(?!\.)")


def relocated(directory: Path, face: str, inside: str) -> Path:
    """A copy of the migrations with the schemas renamed by text replacement alone."""
    shutil.copytree(ROOT / "migrations", directory)
    for path in directory.glob("*.sql"):
        text = path.read_text()
        path.write_text(text.replace("public.", f"{face}.").replace("ticketdb.", f"{inside}."))
    return directory


def sell(dsn: str, face: str) -> tuple[str, int, int]:
    """Sell two tickets; return the status of the sale, the sold tickets and the number of problems."""
    with psycopg.connect(dsn, autocommit=True) as connection:

        def first(query: str, *arguments: object) -> tuple:
            row = connection.execute(query.replace("public.", f"{face}."), arguments).fetchone()
            assert row is not None
            return row

        (definition,) = first(
            "insert into public.event_definitions (event_code, title, event_category, event_type)"
            " values ('show', 'Show', 'live-show', 'concert') returning id"
        )
        (schedule,) = first(
            "insert into public.event_schedules"
            " (event_definition_id, schedule_date, start_time, end_time, max_tickets)"
            " values (%s, current_date + 30, '10:00', '11:00', 5) returning id",
            definition,
        )
        (reservation,) = first("select reservation_id from public.reserve_tickets(%s, 2)", schedule)
        (status,) = first("select status from public.confirm_reservation(%s, 'payment-1')", reservation)
        (sold,) = first("select tickets_sold from public.event_schedules where id = %s", schedule)
        (problems,) = first("select count(*) from public.verify_inventory()")
        return status, sold, problems


@pytest.mark.parametrize(("face", "inside"), [("shop", "engine"), ("venue_7", "venue_7")])
def test_a_relocated_copy_sells_a_ticket(empty_db, tmp_path, face, inside):
    folder = relocated(tmp_path / "migrations", face, inside)
    if face != inside:
        run(empty_db, f"create schema {face}")
    migrate(empty_db, directory=folder, schema=inside, face=face)
    assert sell(empty_db, face) == ("confirmed", 2, 0)
    used = "select count(*) from {} where {}namespace = 'public'::regnamespace"
    assert ask(empty_db, used.format("pg_class", "rel")) == ask(empty_db, used.format("pg_proc", "pro")) == 0
    rollback(empty_db, directory=folder, schema=inside, face=face, everything=True, force=True)
    assert ask(empty_db, f"select to_regclass('{face}.ticket_reservations') is null")


def test_two_copies_live_in_one_database(db, tmp_path):
    folder = relocated(tmp_path / "migrations", "venue_7", "venue_7")
    migrate(db, directory=folder, schema="venue_7", face="venue_7")
    assert sell(db, "venue_7") == ("confirmed", 2, 0)
    assert sell(db, "public") == ("confirmed", 2, 0)


def test_no_object_name_is_used_in_both_schemas(db):
    names = """
        select array_agg(name) from (
            select x.name from (
                select relname::text as name, relnamespace as schema from pg_class
                union select proname::text, pronamespace from pg_proc
            ) as x
            where x.schema in ('public'::regnamespace, 'ticketdb'::regnamespace)
            group by x.name having count(distinct x.schema) > 1
        ) as doubles
    """
    assert ask(db, names) is None


def test_as_schema_names_the_two_words_have_their_dot():
    texts = {f"sql/{path}": text for path, text in Project(ROOT).sources().items()}
    texts |= {str(path): path.read_text() for path in Project(ROOT).migration_files()}
    found = []
    for path, text in texts.items():
        # `to public` and `from public` name everybody, not the schema
        code = re.sub(r"--[^\n]*|\b(?:from|to) public(?=\s*;)|'[^'\n]*'", "", text)
        found += [f"{path}: {match[0]}" for match in SCHEMA_WORD.finditer(code)]
    assert found == []


@pytest.mark.parametrize("text", ["set search_path = public", "create schema ticketdb", 'in "public" and'])
def test_the_scan_finds_a_schema_name_without_its_dot(text):
    assert SCHEMA_WORD.search(text)
