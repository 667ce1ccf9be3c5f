"""The results as tables for people and as data for programs."""

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ticketdb.bench.results import Results, Row


def to_json(results: Results) -> str:
    """Everything, as a JSON object."""
    rows = [asdict(row) | {"ratio": row.ratio, "ok": row.ok} for row in results.rows]
    return json.dumps(
        {
            "machine": results.machine,
            "settings": results.settings,
            "rows": rows,
            "runs": [asdict(run) for run in results.runs],
            "checks": [asdict(check) for check in results.checks],
            "sound": not results.problems,
            "failures": results.failures,
        },
        indent=2,
        ensure_ascii=False,
    )


def show(results: Results, console: Console) -> None:
    """The table of ratios, the rates of each way, the machine."""
    console.print(_ratios(results))
    if results.runs:
        console.print(_rates(results))
    machine = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in results.machine.items())
    console.print(Text(f"measured on: {machine}"))
    if results.settings["quick"]:
        console.print(Text("--quick: short runs on little data; the ratios mean little"))


def _ratios(results: Results) -> Table:
    table = Table(header_style="bold", title="Ratios, measured in one run")
    for title in ("row", "what", "against"):
        table.add_column(title, overflow="fold")
    for title in ("clients", "rate", "baseline", "ratio", "at least"):
        table.add_column(title, justify="right")
    table.add_column("")
    for row in results.rows:
        table.add_row(
            row.name,
            row.what,
            row.against,
            str(row.clients or ""),
            f"{row.rate:,.0f} {row.unit}",
            f"{row.baseline_rate:,.0f}",
            f"{row.ratio:.2f} x",
            "" if row.wanted is None else f"{row.wanted:g} x",
            _verdict(row),
        )
    return table


def _verdict(row: Row) -> Text:
    match row.ok:
        case None:
            return Text("")
        case True:
            return Text("ok", style="green")
        case False:
            return Text("missed", style="bold red")


def _rates(results: Results) -> Table:
    counts = sorted({run.clients for run in results.runs})
    rates = {(run.way, run.clients): run.rate for run in results.runs}
    table = Table(header_style="bold", title="Transactions a second, by number of clients")
    table.add_column("way")
    for clients in counts:
        table.add_column(str(clients), justify="right")
    for way in dict.fromkeys(run.way for run in results.runs):
        table.add_row(way, *(f"{rates[way, clients]:,.0f}" for clients in counts))
    return table
