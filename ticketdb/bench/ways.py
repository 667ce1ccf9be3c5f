"""The ways of writing that pgbench measures, ours and those beside which they are put."""

from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"


@dataclass(frozen=True, slots=True)
class Way:
    """A script for pgbench, `scripts/NAME.sql`.

    `setup` is the file in `scripts/setup` that it needs besides `schedules.sql`. `bench.open_STOCK(capacity)`
    makes what is sold and returns its id, which the script knows as `:schedule`; `bench.count_STOCK(id)`
    counts it again. `ours` is sold by ticketdb's functions, and `verify_inventory` holds for it.
    """

    name: str
    title: str
    stock: str
    setup: str | None = None
    sells: bool = True
    ours: bool = False
    row_per_seat: bool = False

    @property
    def script(self) -> Path:
        """What pgbench runs."""
        return SCRIPTS / f"{self.name}.sql"


def _other(name: str, title: str, *, sells: bool, row_per_seat: bool = False) -> Way:
    return Way(name, title, stock=name, setup=name, sells=sells, row_per_seat=row_per_seat)


WAYS = (
    Way("reserve_hot", "reserve_tickets, one hot schedule", "schedule", ours=True),
    Way("reserve_spread", "reserve_tickets, spread over many", "spread", ours=True),
    _other("seed_flow", "the seed's flow", sells=True),
    _other("row_per_ticket", "a row per ticket, skip locked (alf.io)", sells=True, row_per_seat=True),
    _other("lock_and_recount", "advisory lock and recount (pretix)", sells=True),
    _other("bare_update", "bare update of one row", sells=False),
    _other("bare_insert", "bare insert of a reservation", sells=False),
    Way("sale", "reserve, confirm, check in", "schedule", ours=True),
    _other("bare_sale", "the rows of a sale, bare", sells=False),
)
BY_NAME = {way.name: way for way in WAYS}
