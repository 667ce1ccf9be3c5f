"""What was due back before there was a ledger is in it after the migration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import psycopg
from factories import call, change, define, pay, rows, schedule, sell, value

from ticketdb._resources import migrations_dir
from ticketdb.migrate import migrate, rollback

# the migration in front of the one that brought the ledger
MIGRATIONS = [
    path.stem[:4] for path in sorted(migrations_dir().glob("[0-9]*.sql")) if ".rollback" not in path.name
]
BEFORE = MIGRATIONS[MIGRATIONS.index(next(migrations_dir().glob("*_reports.sql")).stem[:4]) - 1]
LONG_AGO = datetime(2025, 3, 9, 10, tzinfo=UTC)


def test_refunds_of_before_count_from_when_their_sale_was_undone(
    db: str, connect: Callable[..., psycopg.Connection]
) -> None:
    shop = connect()
    place = schedule(shop, define(shop, timezone="UTC", default_ticket_price="99.95"))
    cancelled, paid_twice = sell(shop, place), sell(shop, place, 2)
    call(shop, "cancel_reservation", cancelled)
    change(shop, "ticket_reservations", cancelled, closed_at=LONG_AGO)
    shop.execute("update public.ticket_payments set received_at = %s", (LONG_AGO,))
    pay(shop, paid_twice, "again")
    received = value(shop, "select received_at from public.ticket_payments where payment_reference = 'again'")

    rollback(db, to=BEFORE, force=True)
    migrate(db)

    noted = rows(
        shop, "select m.noted_at, m.amount from ticketdb.refund_movements as m order by m.payment_id"
    )
    assert noted == [(LONG_AGO, Decimal("99.95")), (received, Decimal("199.90"))]
    (first, second) = rows(shop, "select sale_date, gross, refunds from public.report_sales()")
    assert first == (LONG_AGO.date(), Decimal("299.85"), Decimal("99.95"))
    assert second[1:] == (Decimal("199.90"), Decimal("199.90"))
