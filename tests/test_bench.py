"""`ticketdb bench`: what it measures, what it finds, what it leaves behind. No speed is asserted."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from servers import Server
from typer.testing import CliRunner, Result

from ticketdb.bench import parts, pgbench, plot, scratch, table, ways
from ticketdb.bench.errors import BenchError
from ticketdb.bench.results import Check, Results, Row, Run
from ticketdb.cli import app
from ticketdb.embedded import EmbeddedError

pytestmark = pytest.mark.once

QUICK = ("bench", "--quick", "--clients", "8", "--json")
SUMMARY = """\
pgbench (18.4)
transaction type: reserve_hot.sql
scaling factor: 1
query mode: prepared
number of clients: 16
duration: 4 s
number of transactions actually processed: 3500
number of failed transactions: 0 (0.000%)
latency average = 1.143 ms
initial connection time = 50.000 ms
tps = 875.000000 (without initial connection time)
"""
PROGRESS = """\
progress: 1.0 s, 500.0 tps, lat 2.000 ms stddev 0.100, 0 failed
progress: 2.0 s, 900.0 tps, lat 1.100 ms stddev 0.100, 0 failed
progress: 3.0 s, 1100.0 tps, lat 0.900 ms stddev 0.100, 0 failed
"""


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("TICKETDB_") and not name.startswith("TICKETDB_TEST_"):
            monkeypatch.delenv(name)


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env=environment)


def databases(server: Server) -> set[str]:
    with psycopg.connect(server.dsn) as connection:
        return {name for (name,) in connection.execute("select datname from pg_database")}


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the scripts, to plant faults in."""
    copy = tmp_path / "scripts"
    shutil.copytree(ways.SCRIPTS, copy)
    monkeypatch.setattr(ways, "SCRIPTS", copy)
    return copy


def unsound(data: dict[str, Any]) -> set[str]:
    """The ways after whose runs something was found."""
    assert data["sound"] is not any(check["problems"] for check in data["checks"])
    return {check["after"].partition(",")[0] for check in data["checks"] if check["problems"]}


def test_quick_run_measures_every_row_and_sells_no_seat_twice(server: Server) -> None:
    before = databases(server)
    result = run(*QUICK, "--dsn", server.dsn)
    assert result.exit_code == 0, result.stderr
    data = json.loads(result.stdout)

    assert {row["name"] for row in data["rows"]} == set(table.NAMES)
    for row in data["rows"]:
        assert row["rate"] > 0 < row["baseline_rate"], row
        assert row["ratio"] == pytest.approx(row["rate"] / row["baseline_rate"])
        assert row["ok"] == (None if row["wanted"] is None else row["ratio"] >= row["wanted"])

    # every script is a way that was measured
    assert {path.stem for path in ways.SCRIPTS.glob("*.sql")} == {r["way"] for r in data["runs"]}
    assert [r["clients"] for r in data["runs"]] == [8] * len(data["runs"])

    assert unsound(data) == set()
    counted = {check["after"] for check in data["checks"]}
    for way in ways.WAYS:
        assert any(after.startswith(f"{way.name}, 8 clients") for after in counted) == way.sells
    sold_out = {after.partition(",")[0] for after in counted if "sold out" in after}
    assert sold_out == {way.name for way in ways.WAYS if way.sells} - {"reserve_spread"}

    assert {"cores", "server_version", "fsync"} <= data["machine"].keys()
    assert data["machine"]["commit_ms"] > 0
    assert data["failures"] == []
    assert databases(server) == before


def test_a_topic_is_all_its_rows(server: Server) -> None:
    result = run("bench", "recurrence", "--quick", "--json", "--dsn", server.dsn)
    assert result.exit_code == 0, result.stderr
    data = json.loads(result.stdout)
    assert [row["name"] for row in data["rows"]] == list(table.RECURRENCE)
    # what is put beside each other finds the same
    assert len(data["checks"]) == 3
    assert run("bench", "recurrent", "--quick").exit_code == 2


def test_faults_are_reported_after_the_way_that_has_them_and_no_other(server: Server, scripts: Path) -> None:
    planted = {
        # sells on when nothing is left
        "seed_flow": ("s.tickets_available >= 1", "true"),
        # refuses buyers while seats are left
        "lock_and_recount": ("q.size > (", "q.size - 5 > ("),
        # passes ticketdb's counters by
        "reserve_hot": (
            "select * from public.reserve_tickets(:schedule);",
            """
            alter table public.ticket_reservations disable trigger user;
            insert into public.ticket_reservations
                (schedule_id, quantity, unit_price, total_amount, expires_at)
            values (:schedule, 1, 100, 100, clock_timestamp() + interval '15 minutes');
            """,
        ),
    }
    for way, (sound, broken) in planted.items():
        script = scripts / f"{way}.sql"
        assert sound in script.read_text()
        script.write_text(script.read_text().replace(sound, broken))

    result = run(*QUICK, "--only", "seed,row-per-ticket,lock-and-recount", "--dsn", server.dsn)

    assert result.exit_code == 1
    assert unsound(json.loads(result.stdout)) == planted.keys()


def test_a_script_that_fails_takes_nothing_of_the_other_parts_with_it(server: Server, scripts: Path) -> None:
    (scripts / "bare_update.sql").write_text("select 1 / 0;\n")
    before = databases(server)

    result = run(*QUICK, "--only", "update,wrapper", "--dsn", server.dsn)

    assert result.exit_code == 1
    assert "bare_update.sql" in result.stderr
    data = json.loads(result.stdout)
    assert [row["name"] for row in data["rows"]] == ["wrapper"]
    assert ["bare_update.sql" in failure for failure in data["failures"]] == [True]
    assert databases(server) == before


@pytest.fixture
def powerless(server: Server) -> Iterator[str]:
    """The DSN of the server for a role that may create no databases."""
    role = "ticketdb_bench_powerless"
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("create role {}").format(sql.Identifier(role)))
        try:
            yield make_conninfo(server.dsn, options=f"-c role={role}")
        finally:
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


def test_a_role_that_may_not_create_databases_is_told_so(server: Server, powerless: str) -> None:
    before = databases(server)
    result = run(*QUICK, "--dsn", powerless)
    assert result.exit_code == 1
    assert "createdb" in result.stderr
    assert databases(server) == before


def test_more_clients_than_the_server_takes_are_refused_before_anything_is_made(server: Server) -> None:
    before = databases(server)
    result = run("bench", "--quick", "--clients", "5000", "--dsn", server.dsn)
    assert result.exit_code == 1
    assert "max_connections" in result.stderr
    assert databases(server) == before


@pytest.mark.no_database
def test_a_disk_too_small_is_told_before_anything_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr(scratch, "EmbeddedServer", lambda **options: started.append(options))
    monkeypatch.setattr(scratch.shutil, "disk_usage", lambda _: SimpleNamespace(free=9 * 1024**3))
    result = run("bench", "--pgbench", "/bin/sh")
    assert result.exit_code == 1
    assert "TMPDIR" in result.stderr
    assert not started


@pytest.mark.no_database
@pytest.mark.parametrize("arguments", [("--clients", "1,x"), ("--clients", "0"), ("--only", "seeds")])
def test_options_that_mean_nothing_are_wrong_usage(arguments: tuple[str, str]) -> None:
    assert run("bench", *arguments).exit_code == 2


@pytest.mark.no_database
@pytest.mark.parametrize("path", sorted(ways.SCRIPTS.glob("*.sql")), ids=lambda path: path.stem)
def test_a_script_says_how_to_run_it_by_hand(path: Path) -> None:
    way = ways.BY_NAME[path.stem]
    header = [line for line in path.read_text().splitlines() if line.startswith("-- ")]
    loads = [line for line in header if "psql -f setup/" in line]
    assert [line.count(f"-f setup/{way.setup or 'schedules'}.sql") for line in loads] == [1]
    assert any(line.endswith(f"-f {path.name}") for line in header if "pgbench -n -M prepared" in line)


@pytest.mark.no_database
def test_the_seconds_of_warming_up_do_not_count() -> None:
    # 3,500 in four seconds, of which 500 in the first
    assert pgbench.read_rate(SUMMARY, PROGRESS, 0) == 875
    assert pgbench.read_rate(SUMMARY, PROGRESS, 1) == 1000
    assert pgbench.read_rate(SUMMARY, PROGRESS, 2) == 1050


@pytest.mark.no_database
def test_a_summary_without_a_rate_is_an_error() -> None:
    with pytest.raises(BenchError):
        pgbench.read_rate("pgbench (18.4)\n", PROGRESS, 1)


@pytest.mark.no_database
def test_pgbench_is_the_named_one_else_the_packaged_one_else_that_of_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> None:
        raise EmbeddedError("not installed", "install it")

    program = tmp_path / "pgbench"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)

    assert pgbench.find(program) == program
    assert pgbench.find(None).is_absolute()
    monkeypatch.setattr(pgbench, "find_programs", absent)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pgbench.find(None) == program
    program.unlink()
    for named in (None, program):
        with pytest.raises(BenchError) as refused:
            pgbench.find(named)
        assert refused.value.hint


@pytest.mark.no_database
def test_rows_are_held_against_what_is_promised_for_64_and_128_clients() -> None:
    runs = [Run(way.name, clients, 100.0, (100.0,)) for way in ways.WAYS for clients in (1, 64, 128)]
    rows = table.pair_rows(table.NAMES, runs)
    promised = {(row.name, row.clients): row.wanted for row in rows if row.wanted is not None}
    assert promised == {
        ("seed", 64): 8, ("seed", 128): 10,
        ("spread", 64): 0.9, ("spread", 128): 0.9,
        ("update", 64): 3, ("update", 128): 3,
        ("insert", 64): 0.5, ("insert", 128): 0.5,
        ("sale", 64): 0.4, ("sale", 128): 0.4,
    }  # fmt: skip


@pytest.mark.no_database
def test_rows_without_a_promise_are_shown_at_the_highest_number_of_clients() -> None:
    runs = [Run(way.name, clients, 100.0, (100.0,)) for way in ways.WAYS for clients in (1, 8)]
    assert {(row.clients, row.ok) for row in table.pair_rows(table.NAMES, runs)} == {(8, None)}


def results(ratio: float = 9.0, problems: tuple[str, ...] = ()) -> Results:
    """What a run may have found: one ratio, of which 8 is wanted."""
    found = Results(machine={"server_version": "18.4", "cores": 2, "fsync": "on"}, settings={"quick": False})
    runs = [
        Run(way, clients, rate * clients, (rate * clients,))
        for way, rate in (("reserve_hot", 100.0 * ratio), ("seed_flow", 100.0))
        for clients in (1, 64)
    ]
    row = Row("seed", "ours", "theirs", 64, "per second", 100 * ratio, 100, 8)
    found.add([row], [Check("reserve_hot", problems)], runs)
    return found


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("found", "option", "status"),
    [
        (results(9), ["--check"], 0),
        (results(7), [], 0),
        (results(7), ["--check"], 1),
        (results(9, ("oversold",)), [], 1),
    ],
)
def test_exit_status_tells_of_faults_always_and_of_missed_ratios_when_asked(
    monkeypatch: pytest.MonkeyPatch, found: Results, option: list[str], status: int
) -> None:
    monkeypatch.setattr(parts, "run", lambda *_: found)
    result = run("bench", "--pgbench", "/bin/sh", *option)
    assert result.exit_code == status, result.stderr
    assert "seed" in result.stdout


@pytest.mark.no_database
def test_plot_writes_a_png(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(parts, "run", lambda *_: results())
    file = tmp_path / "bars.png"
    result = run("bench", "--pgbench", "/bin/sh", "--plot", str(file))
    assert result.exit_code == 0, result.stderr
    assert file.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.no_database
@pytest.mark.parametrize("impossible", ["bars.gif", "nowhere/bars.png", "nothing to draw", "no matplotlib"])
def test_a_picture_that_cannot_be_made_is_refused_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, impossible: str
) -> None:
    measured: list[Any] = []
    monkeypatch.setattr(parts, "run", lambda *asked: measured.append(asked) or results())
    name, only = impossible if impossible.startswith(("bars", "nowhere")) else "bars.png", []
    if impossible == "nothing to draw":
        only = ["--only", "wrapper"]
    if impossible == "no matplotlib":
        monkeypatch.setattr(plot, "find_spec", lambda _: None)
    else:
        monkeypatch.setattr(plot, "find_spec", lambda _: object())
    result = run("bench", "--pgbench", "/bin/sh", "--plot", str(tmp_path / name), *only)
    assert result.exit_code == 1
    assert not measured
    assert list(tmp_path.iterdir()) == []
