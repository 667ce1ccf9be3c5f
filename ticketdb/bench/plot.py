"""The rates of all ways at all numbers of clients, as bars."""

from importlib.util import find_spec
from pathlib import Path

from ticketdb.bench.errors import BenchError
from ticketdb.bench.results import Results
from ticketdb.bench.table import PAIRS, ways_of
from ticketdb.bench.ways import BY_NAME


def refuse_unless_possible(file: Path, rows: tuple[str, ...]) -> None:
    """Stop before anything is measured if the picture cannot be made afterwards."""
    if find_spec("matplotlib") is None:
        raise BenchError("Pictures need matplotlib.", "Run: pip install 'ticketdb[plot]'")
    if file.suffix.lower() != ".png":
        raise BenchError(f"{file} is no name of a PNG file.", "Give it a name that ends in .png.")
    if not file.resolve().parent.is_dir():
        raise BenchError(f"There is no folder {file.resolve().parent}.", "Make it first.")
    if not ways_of(rows):
        raise BenchError(
            "No row that was asked for has anything to draw.", f"Those that have: {', '.join(PAIRS)}."
        )


def draw(results: Results, file: Path) -> None:
    """Write the picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(run.way for run in results.runs))
    counts = sorted({run.clients for run in results.runs})
    rates = {(run.way, run.clients): run.rate for run in results.runs}
    figure = Figure(figsize=(11, 1.5 + 0.2 * len(names) * (len(counts) + 1)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    height = 0.8 / len(counts)
    for number, clients in enumerate(counts):
        places = [place + (number - (len(counts) - 1) / 2) * height for place in range(len(names))]
        bars = axes.barh(
            places,
            [rates[name, clients] for name in names],
            height,
            label=f"{clients} client{'s' if clients > 1 else ''}",
        )
        axes.bar_label(bars, fmt="{:,.0f}", padding=3, fontsize=7)
    axes.set_yticks(range(len(names)), [BY_NAME[name].title for name in names])
    axes.invert_yaxis()
    axes.set_xlabel("transactions a second")
    axes.margins(x=0.12, y=0.02)
    axes.legend(loc="lower right")
    machine = results.machine
    axes.set_title(
        f"PostgreSQL {machine['server_version']}, {machine['cores']} cores, fsync {machine['fsync']}",
        fontsize=10,
    )
    figure.savefig(file, format="png", dpi=150)
