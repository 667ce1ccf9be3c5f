"""`ticketdb report`: the same rows as a table, JSON, CSV and a page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import psycopg
import pytest
from factories import call, change, define, schedule, sell
from test_cli import clean_environment, run  # noqa: F401

from ticketdb.cli import _charts as charts

Connect = Callable[..., psycopg.Connection]
KINDS = ("sales", "attendance", "revenue", "refunds", "occupancy", "no-shows")
TODAY = datetime.now(UTC).date()
HOSTILE = 'Tea, "scones" & <script>alert(1)</script>'


@pytest.fixture
def shop(db: str, connect: Connect) -> str:
    """The DSN of a database where two of three tickets at 120.50 stayed sold for something that is over."""
    place = schedule(
        connect(), define(connect(), title=HOSTILE, timezone="UTC", default_ticket_price="120.50")
    )
    sell(connect(), place, 2)
    call(connect(), "cancel_reservation", sell(connect(), place))
    change(connect(), "event_schedules", place, schedule_date=TODAY - timedelta(days=2))
    return db


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_the_same_in_every_form(shop: str, tmp_path: Path, kind: str) -> None:
    as_json = run("report", kind, "--json", dsn=shop)
    records = json.loads(as_json.stdout)
    assert len(records) == 1
    as_csv = run("report", kind, "--csv", dsn=shop)
    # a reader of CSV sees the same, with nothing for what is not known
    texts = [{name: "" if value is None else str(value) for name, value in one.items()} for one in records]
    assert list(csv.DictReader(io.StringIO(as_csv.stdout, newline=""), strict=True)) == texts
    assert as_csv.stdout_bytes.count(b"\r\n") == as_csv.stdout_bytes.count(b"\n") == 2
    assert run("report", kind, dsn=shop).exit_code == 0
    page = tmp_path / "report.html"
    assert run("report", kind, "--html", str(page), dsn=shop).exit_code == 0
    assert page.read_text(encoding="utf-8").count("<tr>") == 3


def test_a_table_has_the_sums_below(shop: str) -> None:
    lines = run("report", "sales", dsn=shop).stdout.splitlines()
    assert [part for part in lines[-2].split("│") if part.strip()][-3:] == [
        " 361.50 ",
        "  120.50 ",
        " 241.00 ",
    ]


def test_a_period_is_that_of_the_options(shop: str) -> None:
    assert len(json.loads(run("report", "sales", "--from", str(TODAY), "--json", dsn=shop).stdout)) == 1
    result = run("report", "sales", "--to", str(TODAY - timedelta(days=1)), "--json", dsn=shop)
    assert json.loads(result.stdout) == []
    assert run("report", "sales", "--to", "2020-01-01", dsn=shop).stderr == "notice: nothing in this period\n"


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(attrs)

    def handle_data(self, data: str) -> None:
        self.text += f" {data.strip()}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_needs_nothing_else_and_runs_nothing(shop: str, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "report.html"
    run("report", kind, "--from", "2020-01-01", "--to", "2039-12-31", "--html", str(path), dsn=shop)
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert "2020-01-01 to 2039-12-31" in page.text
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert not {"src", "href", "onload", "onclick"} & set(page.attributes)
    assert "url(" not in text
    assert "svg" in page.tags
    if "title" in run("report", kind, "--json", dsn=shop).stdout:
        assert HOSTILE in page.text


def test_money_on_the_page_is_exact(shop: str, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    run("report", "revenue", "--html", str(path), dsn=shop)
    assert " 361.50 120.50 241.00 " in Page(path.read_text(encoding="utf-8")).text.replace("  ", " ")


def test_a_page_of_nothing_says_so(db: str, tmp_path: Path) -> None:
    for kind in KINDS:
        path = tmp_path / "report.html"
        assert run("report", kind, "--html", str(path), dsn=db).exit_code == 0
        assert "Nothing in this period." in path.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_named(shop: str, tmp_path: Path) -> None:
    path = tmp_path / "missing" / "report.html"
    result = run("report", "sales", "--html", str(path), dsn=shop)
    assert (result.exit_code, "report.html" in result.stderr.replace("\n", "")) == (1, True)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_name_is_no_formula_in_a_spreadsheet(db: str, connect: Connect, start: str) -> None:
    title = f'{start}HYPERLINK("http://example.org")'
    sell(connect(), schedule(connect(), define(connect(), title=title, default_ticket_price="120.50")))
    text = run("report", "sales", "--csv", dsn=db).stdout_bytes.decode()
    (found,) = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    assert (found["title"], found["net"]) == (f"'{title}", "120.50")


def test_two_forms_at_once_are_wrong_usage(shop: str) -> None:
    assert run("report", "sales", "--json", "--csv", dsn=shop).exit_code == 2


def test_charts_are_well_formed_and_go_below_zero() -> None:
    days = [(TODAY - timedelta(days=n), n % 7 - 3) for n in range(400)]
    drawn = [
        charts.by_time("Net", days[:1]),
        charts.by_time("Net", days[:60]),
        charts.by_time("Net", days),
        charts.by_time("Net", [(TODAY, 0)]),
        charts.by_name("Net & gross", [(f"<{n}>", n - 5) for n in range(50)]),
        charts.by_hour("Occupancy", [(7, 0, None), (1, 23, None)]),
    ]
    for chart in drawn:
        figure = ElementTree.fromstring(chart)
        assert figure.tag == "figure"
        assert all(float(bar.attrib["height"]) >= 0 for bar in figure.iter("rect"))
    assert drawn[1].count("<rect") == 60
    assert 13 <= drawn[2].count("<rect") <= 15
    assert 'class="below"' in drawn[1]
    assert "31 others" in drawn[4]
