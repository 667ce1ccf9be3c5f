"""A report as one page of HTML: nothing is fetched, nothing runs, and it prints well."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from html import escape
from typing import Any

from ticketdb.cli._output import cell

_STYLE = """
:root { color-scheme: light; --ink: #1c2733; --soft: #5b6875; --line: #dde3e9;
  --bar: #23688f; --below: #b3452f; }
* { box-sizing: border-box; }
body { margin: 2.5rem auto; max-width: 64rem; padding: 0 1.5rem; color: var(--ink); background: #fff;
  font: 15px/1.45 system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; }
header p { margin: .3rem 0 0; color: var(--soft); }
dl { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.75rem 0; }
dl div { flex: 1 1 8rem; padding: .7rem 1rem; border: 1px solid var(--line); border-radius: .5rem; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
figure { margin: 2rem 0; }
figcaption { margin-bottom: .6rem; font-weight: 600; }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 12px; fill: var(--soft); font-variant-numeric: tabular-nums; }
svg text.onto { fill: #fff; }
svg text.over { fill: var(--ink); }
.bar { fill: var(--bar); }
.below { fill: var(--below); }
.none { fill: #f3f5f7; }
.grid { stroke: var(--line); }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
caption { margin-bottom: .6rem; font-weight: 600; text-align: left; }
th, td { padding: .4rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
thead th { vertical-align: bottom; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number, td.whole { white-space: nowrap; }
tfoot td { border-top: 2px solid var(--ink); border-bottom: 0; font-weight: 600; }
footer { margin-top: 2rem; color: var(--soft); font-size: .8rem; }
@page { margin: 14mm; }
@media print {
  body { margin: 0; max-width: none; padding: 0; font-size: 10pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .wide { overflow: visible; }
  dl { flex-wrap: nowrap; gap: 2mm; }
  dl div { flex: 1 1 0; padding: 2mm; }
  dt { font-size: 7.5pt; }
  dd { font-size: 10.5pt; }
  table { font-size: 8pt; }
  th, td { padding: 1mm 1.5mm; }
  thead { display: table-header-group; }
  tfoot { display: table-row-group; }
  tr, figure, dl { break-inside: avoid; }
}
"""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHARES = ("occupancy", "attendance_rate")


def page(
    title: str,
    subtitle: str,
    chart: str,
    columns: Sequence[str],
    rows: Sequence[Any],
    totals: Mapping[str, Any],
) -> str:
    """The whole page. `chart` is HTML; everything else is text, and escaped here."""
    heading, period = escape(title), escape(subtitle)
    body = _table(title, columns, rows, totals) if rows else "<p>Nothing in this period.</p>"
    tiles = "".join(
        f"<div><dt>{_name(name)}</dt><dd>{escape(cell(total))}</dd></div>" for name, total in totals.items()
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{heading}, {period}</title>
<style>{_STYLE}</style>
</head>
<body>
<header><h1>{heading}</h1><p>{period}</p></header>
<dl>{tiles}</dl>
{chart}
{body}
<footer>As of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC</footer>
</body>
</html>
"""


def _table(title: str, columns: Sequence[str], rows: Sequence[Any], totals: Mapping[str, Any]) -> str:
    styles = [
        "number"
        if name in totals or name in _SHARES
        # a date is not broken
        else "whole"
        if isinstance(getattr(rows[0], name), date | time)
        else "text"
        for name in columns
    ]

    def line(kind: str, cells: Sequence[str]) -> str:
        pairs = zip(styles, cells, strict=True)
        inside = "".join(f'<{kind} class="{style}">{text}</{kind}>' for style, text in pairs)
        return f"<tr>{inside}</tr>"

    head = line("th", [_name(name) for name in columns]).replace("<th", '<th scope="col"')
    body = "\n".join(line("td", [_cell(name, getattr(row, name)) for name in columns]) for row in rows)
    sums = [escape(cell(totals[name])) if name in totals else "" for name in columns]
    sums[0] = sums[0] or "Total"
    return f"""<div class="wide"><table>
<caption>{escape(title)}</caption>
<thead>{head}</thead>
<tbody>
{body}
</tbody>
<tfoot>{line("td", sums)}</tfoot>
</table></div>"""


def _cell(name: str, value: Any) -> str:
    if name == "weekday":
        return _WEEKDAYS[value - 1]
    if name == "hour":
        return f"{value:02}:00"
    if name in _SHARES and value is not None:
        return f"{value * 100:.2f} %"
    return escape(cell(value))


def _name(column: str) -> str:
    return escape(column.replace("_", " ").capitalize())
