"""The table of the bench: which ways are put beside which, and how much faster ours should be."""

from dataclasses import dataclass

from ticketdb.bench.results import Row, Run
from ticketdb.bench.ways import BY_NAME, WAYS, Way


@dataclass(frozen=True, slots=True)
class Pair:
    """A way beside another, and the least ratio at each number of clients."""

    way: str
    baseline: str
    wanted: tuple[tuple[int, float], ...]


def _from_64(ratio: float) -> tuple[tuple[int, float], ...]:
    return ((64, ratio), (128, ratio))


PAIRS = {
    "seed": Pair("reserve_hot", "seed_flow", ((64, 8.0), (128, 10.0))),
    "spread": Pair("reserve_hot", "reserve_spread", _from_64(0.9)),
    "update": Pair("reserve_hot", "bare_update", _from_64(3.0)),
    "insert": Pair("reserve_hot", "bare_insert", _from_64(0.5)),
    "row-per-ticket": Pair("reserve_hot", "row_per_ticket", ()),
    "lock-and-recount": Pair("reserve_hot", "lock_and_recount", ()),
    "sale": Pair("sale", "bare_sale", _from_64(0.4)),
}
# measured otherwise than by putting two scripts beside each other
RECURRENCE = ("recurrence", "recurrence-window", "recurrence-generate")
OTHERS = ("generate", "generate-again", *RECURRENCE, "availability", "history", "wrapper", "processes")
NAMES = (*PAIRS, *OTHERS)


def ways_of(names: tuple[str, ...]) -> list[Way]:
    """The ways that these rows need."""
    needed = {way for name in names if name in PAIRS for way in (PAIRS[name].way, PAIRS[name].baseline)}
    return [way for way in WAYS if way.name in needed]


def pair_rows(names: tuple[str, ...], runs: list[Run]) -> list[Row]:
    """The rows of these pairs: at the numbers of clients with a promise, else at the highest number."""
    rates = {(run.way, run.clients): run.rate for run in runs}
    measured = {run.clients for run in runs}
    rows = []
    for name in names:
        pair = PAIRS.get(name)
        if pair is None:
            continue
        wanted = dict(pair.wanted)
        shown = sorted(measured & {64, 128}) or [max(measured)]
        rows += [
            Row(
                name,
                BY_NAME[pair.way].title,
                BY_NAME[pair.baseline].title,
                clients,
                "per second",
                rates[pair.way, clients],
                rates[pair.baseline, clients],
                wanted.get(clients),
            )
            for clients in shown
        ]
    return rows
