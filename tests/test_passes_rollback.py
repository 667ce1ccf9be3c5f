"""Taking passes out again keeps what was sold before, and asks before it drops a sold pass."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from factories import rows, schedule, sell, value
from pass_helpers import START, occurrence, pass_type, sell_pass, visits_type

from ticketdb._resources import migrations_dir
from ticketdb.migrate import TicketsSold, migrate, rollback

Connect = Callable[..., psycopg.Connection]
# the migration before that of passes
NAMES = sorted(path.stem for path in migrations_dir().glob("*.sql") if "rollback" not in path.name)
BEFORE = NAMES[next(n for n, name in enumerate(NAMES) if name.endswith("_passes")) - 1]


def test_single_sales_stay_when_passes_are_taken_out(db: str, connect: Connect) -> None:
    shop = connect()
    single = sell(shop, schedule(shop))
    pass_type(shop)
    rollback(db, to=BEFORE)
    assert value(shop, "select to_regclass('public.event_passes')") is None
    assert rows(shop, "select reservation_id from public.ticket_payments") == [(single,)]
    assert rows(shop, "select * from public.verify_inventory()") == []
    migrate(db)
    assert rows(shop, "select reservation_id from public.ticket_payments") == [(single,)]


def test_sold_pass_is_not_dropped_unless_forced(db: str, connect: Connect) -> None:
    shop = connect()
    type_id = visits_type(shop)
    paid = sell_pass(shop, type_id)
    day = occurrence(shop, type_id, START)
    value(shop, "select reservation_id from public.redeem_pass(%s, %s)", paid.pass_id, day)
    with pytest.raises(TicketsSold):
        rollback(db, to=BEFORE)
    assert value(shop, "select count(*) from public.event_passes") == 1
    rollback(db, to=BEFORE, force=True)
    # its place is a sale like any other now
    assert rows(shop, "select status, origin from public.ticket_reservations") == [("confirmed", "pass")]
    assert rows(shop, "select * from public.verify_inventory()") == []
