"""The Python client: what goes in, what comes out, whose transaction it is, and what errors become."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

import ticketdb
from ticketdb import TicketDB, errors, models

Connect = Callable[..., psycopg.Connection]

TOMORROW = datetime.now(UTC).date() + timedelta(days=1)


@dataclass
class Shop:
    """A class of five places at 120.50 on three days, from tomorrow on."""

    dsn: str
    client: TicketDB
    definition_id: int
    schedule_id: int


def define(connection: psycopg.Connection, code: str, capacity: int = 5) -> int:
    row = connection.execute(
        """
        insert into public.event_definitions (
            event_code, title, event_category, event_type, recurrence_type, default_start_time,
            max_tickets, default_ticket_price, timezone
        ) values (%s, 'Yoga', 'wellness', 'yoga', 'daily', '07:00', %s, 120.50, 'Asia/Kolkata')
        returning id
        """,
        (code, capacity),
    ).fetchone()
    assert row is not None
    return row[0]


@pytest.fixture
def shop(db: str):
    with TicketDB(db) as client:
        definition_id = define(client.connection, "yoga")
        client.generate_recurring_schedules(definition_id, TOMORROW, TOMORROW + timedelta(days=2))
        first = next(client.event_availability())
        yield Shop(db, client, definition_id, first.schedule_id)


def test_generating_inserts_what_is_missing_and_the_preview_says_what(db: str) -> None:
    with TicketDB(db) as client:
        definition_id = define(client.connection, "yoga")
        last = TOMORROW + timedelta(days=2)
        assert client.generate_recurring_schedules(definition_id, TOMORROW, TOMORROW) == 1
        preview = client.preview_recurring_schedules(definition_id, TOMORROW, last)
        assert [(p.schedule_date, p.already_exists) for p in preview] == [
            (TOMORROW, True),
            (TOMORROW + timedelta(days=1), False),
            (last, False),
        ]
        assert preview[0].starts_at.utcoffset() is not None
        assert client.generate_recurring_schedules(definition_id, TOMORROW, last) == 2


def test_a_sale_goes_from_hold_to_tickets_to_cancellation(shop: Shop) -> None:
    held = shop.client.reserve_tickets(
        shop.schedule_id, 2, hold_for=timedelta(minutes=30), contact={"name": "Asha", "mobile": "98450"}
    )
    assert (held.schedule_id, held.quantity, held.status) == (shop.schedule_id, 2, "held")
    assert (held.unit_price, held.total_amount) == (Decimal("120.50"), Decimal("241.00"))
    left = held.expires_at - datetime.now(UTC)
    assert timedelta(minutes=29) < left < timedelta(minutes=31)

    paid = shop.client.confirm_reservation(
        held.reservation_id, "pay_1", Decimal("241.00"), [{"name": "Asha"}, {"name": "Ravi"}]
    )
    assert (paid.status, paid.tickets_sold, paid.refund_due) == ("confirmed", 2, Decimal(0))
    assert len({UUID(str(code)) for code in paid.ticket_codes}) == 2
    assert isinstance(hash(paid), int)
    assert [p.name for p in shop.client.schedule_participants(shop.schedule_id)] == ["Asha", "Ravi"]

    gone = shop.client.cancel_reservation(held.reservation_id, "ill")
    assert (gone.status, gone.refund_due) == ("cancelled", Decimal("241.00"))
    assert shop.client.verify_inventory() == []


def test_availability_counts_holds_and_a_release_gives_them_back(shop: Shop) -> None:
    def numbers() -> tuple[int, int, int]:
        row = next(shop.client.event_availability())
        return row.tickets_available, row.tickets_held, row.tickets_sold

    held = shop.client.reserve_tickets(shop.schedule_id, quantity=4)
    assert numbers() == (1, 4, 0)
    assert not shop.client.check_ticket_availability(shop.schedule_id, 2).is_available
    assert shop.client.check_ticket_availability(shop.schedule_id).tickets_available == 1
    assert shop.client.release_reservation(held.reservation_id).status == "released"
    assert numbers() == (5, 0, 0)


def test_availability_is_filtered_by_type_and_both_dates(shop: Shop) -> None:
    def dates(*filters: str | date | None) -> list[date]:
        return [row.schedule_date for row in shop.client.event_availability(*filters)]

    second, third = TOMORROW + timedelta(days=1), TOMORROW + timedelta(days=2)
    assert dates() == [TOMORROW, second, third]
    assert dates("zumba") == []
    assert dates("yoga", second) == [second, third]
    assert dates(None, None, second) == [TOMORROW, second]
    assert dates("yoga", second, second) == [second]


def test_an_absent_contact_is_null_and_not_json_null(shop: Shop) -> None:
    held = shop.client.reserve_tickets(shop.schedule_id)
    row = shop.client.connection.execute(
        "select contact is null from public.ticket_reservations where id = %s", (held.reservation_id,)
    ).fetchone()
    assert row == (True,)


def test_the_same_key_is_answered_with_the_first_reservation(shop: Shop) -> None:
    first = shop.client.reserve_tickets(shop.schedule_id, idempotency_key="k")
    assert shop.client.reserve_tickets(shop.schedule_id, idempotency_key="k") == first
    with pytest.raises(errors.IdempotencyKeyReused):
        shop.client.reserve_tickets(shop.schedule_id, 2, idempotency_key="k")


def test_link_steps_come_as_rows(db: str) -> None:
    with TicketDB(db) as client:
        steps = client.link_legacy_data(dry_run=True)
    assert steps
    assert all(isinstance(step.step, str) and step.rows == 0 for step in steps)


# -- whose connection it is


def count(connection: psycopg.Connection) -> int:
    row = connection.execute("select count(*) from public.ticket_reservations").fetchone()
    assert row is not None
    return row[0]


def test_with_a_dsn_each_call_is_its_own_transaction_and_the_connection_is_closed(
    shop: Shop, connect: Connect
) -> None:
    with TicketDB(shop.dsn) as client:
        client.reserve_tickets(shop.schedule_id)
        assert count(connect()) == 1
    assert client.connection.closed


def test_the_callers_transaction_is_never_committed(shop: Shop, connect: Connect) -> None:
    mine = connect(autocommit=False)
    with TicketDB(mine) as client:
        client.reserve_tickets(shop.schedule_id)
        client.check_ticket_availability(shop.schedule_id)
    assert count(connect()) == 0
    assert count(mine) == 1
    mine.rollback()
    assert count(mine) == 0


def test_a_refusal_takes_back_nothing_but_itself(shop: Shop, connect: Connect) -> None:
    mine = connect(autocommit=False)
    client = TicketDB(mine)
    # the first statement of a transaction, and a later one
    for taken in (0, 4):
        with pytest.raises(errors.SoldOut):
            client.reserve_tickets(shop.schedule_id, 6 - taken)
        client.reserve_tickets(shop.schedule_id, 4 if not taken else 1)
    assert count(connect()) == 0
    mine.commit()
    assert count(connect()) == 2


@pytest.mark.parametrize("autocommit", [True, False])
def test_a_call_belongs_to_the_block_that_it_stands_in(
    shop: Shop, connect: Connect, autocommit: bool
) -> None:
    mine = connect(autocommit=autocommit)
    client = TicketDB(mine)
    with mine.transaction():
        client.reserve_tickets(shop.schedule_id, 1)
        with mine.transaction() as block:
            client.reserve_tickets(shop.schedule_id, 2)
            raise psycopg.Rollback(block)
    assert count(connect()) == 1


def test_an_error_of_the_callers_own_leaves_his_transaction_as_failed_as_it_is(
    shop: Shop, connect: Connect
) -> None:
    mine = connect(autocommit=False)
    with pytest.raises(psycopg.errors.DivisionByZero):
        mine.execute("select 1 / 0")
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        TicketDB(mine).reserve_tickets(shop.schedule_id)
    mine.rollback()
    assert count(mine) == 0


def test_calls_from_several_threads_are_transactions_of_their_own(shop: Shop, connect: Connect) -> None:
    """One that is refused takes no other with it, even where the client has to begin transactions itself."""
    connection = connect()
    database = connection.info.dbname
    connection.execute(f"alter database \"{database}\" set default_transaction_isolation = 'serializable'")
    with TicketDB(shop.dsn) as client, ThreadPoolExecutor(8) as threads:

        def buy(number: int) -> int:
            try:
                return client.reserve_tickets(shop.schedule_id, 6 if number % 2 else 1).quantity
            except errors.SoldOut:
                return 0

        assert sum(threads.map(buy, range(40))) == 5
    assert count(connect()) == 5


def test_the_callers_settings_stay_and_do_not_matter(shop: Shop, connect: Connect) -> None:
    mine = connect(
        autocommit=False, row_factory=dict_row, cursor_factory=psycopg.RawCursor, prepare_threshold=None
    )
    client = TicketDB(mine)
    assert client.reserve_tickets(shop.schedule_id).quantity == 1
    assert not mine.autocommit
    assert mine.row_factory is dict_row
    assert mine.cursor_factory is psycopg.RawCursor
    assert mine.prepare_threshold is None
    client.close()
    assert not mine.closed


# -- errors


def test_sold_out_says_how_many_are_left(shop: Shop) -> None:
    with pytest.raises(errors.SoldOut) as caught:
        shop.client.reserve_tickets(shop.schedule_id, 6)
    error = caught.value
    assert isinstance(error, errors.Conflict)
    assert (error.sqlstate, error.reason) == ("PT409", "sold_out")
    assert (error.available, error.requested) == (5, 6)
    assert error.hint
    assert error.message == str(error)
    assert isinstance(error.__cause__, psycopg.Error)
    assert error.schedule_id == shop.schedule_id


def test_a_refusal_has_its_values_typed(shop: Shop, connect: Connect) -> None:
    client, schedule_id = shop.client, shop.schedule_id
    held = client.reserve_tickets(schedule_id)
    with pytest.raises(errors.AmountMismatch) as amount:
        client.confirm_reservation(held.reservation_id, "pay_1", Decimal("1.00"))
    assert (amount.value.due, amount.value.paid) == (Decimal("120.50"), Decimal(1))
    assert isinstance(amount.value.paid, Decimal)

    opens = datetime(2100, 1, 1, 12, 30, tzinfo=UTC)
    connect().execute(
        "update public.event_schedules set sales_open_at = %s where id = %s", (opens, schedule_id)
    )
    with pytest.raises(errors.NotOnSale) as early:
        client.reserve_tickets(schedule_id)
    assert (early.value.opens_at, early.value.ticket_type_id) == (opens, None)


def test_refusals_have_the_class_of_their_reason(shop: Shop) -> None:
    client, schedule_id = shop.client, shop.schedule_id
    with pytest.raises(errors.ScheduleNotFound):
        client.reserve_tickets(2_000_000_000)
    with pytest.raises(errors.InvalidQuantity):
        client.reserve_tickets(schedule_id, 0)
    with pytest.raises(errors.ReservationNotFound):
        client.release_reservation(2**62)
    held = client.reserve_tickets(schedule_id)
    with pytest.raises(errors.AmountMismatch):
        client.confirm_reservation(held.reservation_id, "pay_1", Decimal("1.00"))
    client.confirm_reservation(held.reservation_id, "pay_1")
    with pytest.raises(errors.AlreadyConfirmed):
        client.release_reservation(held.reservation_id)


REASONS = [
    "invalid_quantity",
    "invalid_argument",
    "invalid_recurrence",
    "not_recurring",
    "amount_mismatch",
    "not_allowed",
    "schedule_not_found",
    "definition_not_found",
    "ticket_type_not_found",
    "reservation_not_found",
    "space_not_found",
    "sold_out",
    "ticket_type_sold_out",
    "not_on_sale",
    "schedule_cancelled",
    "schedule_completed",
    "schedule_blocked",
    "limit_per_user",
    "slot_conflict",
    "idempotency_key_reused",
    "payment_reference_reused",
    "already_confirmed",
    "tickets_sold_is_derived",
    "capacity_below_sold",
    "reservation_expired",
    "reservation_released",
    "reservation_cancelled",
]


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_class_of_its_name(tx: psycopg.Connection, reason: str) -> None:
    with pytest.raises(psycopg.Error) as caught:
        tx.execute("select ticketdb.raise_error(%s, 'message', 'hint', '{\"due\": 120.50}')", (reason,))
    error = errors.from_database(caught.value)
    assert error is not None
    assert type(error).__name__ == "".join(word.capitalize() for word in reason.split("_"))
    assert type(error).__name__ in ticketdb.__all__
    assert (error.reason, error.message, error.hint) == (reason, "message", "hint")
    assert str(error.detail["due"]) == "120.50"


@pytest.mark.parametrize(
    "detail", ['{"reason": "brand_new"}', "no JSON", "[1]", '{"reason": ["sold_out"]}', None]
)
def test_an_unknown_reason_falls_back_to_the_class_of_its_sqlstate(
    tx: psycopg.Connection, detail: str | None
) -> None:
    option = f", detail = '{detail}'" if detail else ""
    with pytest.raises(psycopg.Error) as caught:
        tx.execute(f"do $$ begin raise exception using errcode = 'PT409', message = 'no'{option}; end $$")
    error = errors.from_database(caught.value)
    assert type(error) is errors.Conflict


def test_a_reason_under_another_sqlstate_is_not_taken_for_ours(tx: psycopg.Connection) -> None:
    with pytest.raises(psycopg.Error) as caught:
        tx.execute("do $$ begin raise exception 'no' using detail = '{\"reason\": \"sold_out\"}'; end $$")
    assert errors.from_database(caught.value) is None


def test_other_errors_stay_psycopgs(shop: Shop, connect: Connect) -> None:
    blocker = connect(autocommit=False)
    blocker.execute("lock table public.ticket_reservations")
    shop.client.connection.execute("set lock_timeout = '50ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        shop.client.reserve_tickets(shop.schedule_id)


def test_a_number_too_big_for_an_id_is_not_taken_for_a_missing_function(shop: Shop) -> None:
    with pytest.raises(psycopg.errors.NumericValueOutOfRange):
        shop.client.reserve_tickets(2**40)


def test_a_function_or_a_view_that_is_missing_tells_of_the_installation(empty_db: str) -> None:
    with TicketDB(empty_db, check_schema=False) as client:
        with pytest.raises(errors.NotInstalled) as function:
            client.verify_inventory()
        with pytest.raises(errors.NotInstalled) as view:
            next(client.event_availability())
    assert (function.value.sqlstate, view.value.sqlstate) == ("42883", "42P01")
    assert "ticketdb migrate" in function.value.message


def test_a_function_missing_inside_the_database_is_not_a_missing_installation(shop: Shop) -> None:
    shop.client.connection.execute(
        """
        create function public.broken() returns trigger language plpgsql as
        'begin perform public.nothing_here(); return new; end';
        create trigger broken before insert on public.ticket_reservations
        for each row execute function public.broken();
        """
    )
    with pytest.raises(psycopg.errors.UndefinedFunction):
        shop.client.reserve_tickets(shop.schedule_id)


def test_an_error_survives_the_way_between_processes() -> None:
    error = errors.SoldOut(
        "gone", sqlstate="PT409", reason="sold_out", hint="later", detail={"available": 0, "requested": 1}
    )
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is errors.SoldOut
    assert vars(copy) == vars(error)
    assert copy.available == 0


def test_a_row_survives_the_way_between_processes_of_different_versions() -> None:
    row = models.Cancellation(7, "cancelled", Decimal("120.50"))
    assert pickle.loads(pickle.dumps(row)) == row
    # by this name, wherever it is defined
    assert {getattr(models, name).__module__ for name in models.__all__} == {"ticketdb.models"}


def test_a_connection_of_its_own_does_not_depend_on_the_settings_of_the_database(
    shop: Shop, connect: Connect
) -> None:
    connection = connect()
    for setting in ("datestyle = 'German'", "default_transaction_isolation = 'serializable'"):
        connection.execute(f'alter database "{connection.info.dbname}" set {setting}')
    with TicketDB(shop.dsn) as client:
        assert client.reserve_tickets(shop.schedule_id).expires_at.tzinfo is not None


def test_an_answer_is_read_whatever_the_date_style_of_the_callers_connection(
    shop: Shop, connect: Connect
) -> None:
    mine = connect()
    mine.execute("set datestyle = 'German'")
    mine.execute("set timezone = 'Asia/Kolkata'")
    held = TicketDB(mine).reserve_tickets(shop.schedule_id)
    assert held.expires_at.utcoffset() == timedelta(hours=5, minutes=30)
    assert timedelta(minutes=14) < held.expires_at - datetime.now(UTC) < timedelta(minutes=16)


# -- a connection of its own


def test_a_lost_connection_is_replaced_with_the_next_call(shop: Shop, connect: Connect) -> None:
    client = shop.client
    connect().execute("select pg_terminate_backend(%s)", (client.connection.info.backend_pid,))
    with pytest.raises(psycopg.OperationalError):
        client.reserve_tickets(shop.schedule_id)
    assert client.reserve_tickets(shop.schedule_id).quantity == 1


def test_a_connection_lost_in_a_transaction_is_not_replaced_behind_its_back(
    shop: Shop, connect: Connect
) -> None:
    client = shop.client
    with client.connection.transaction():
        client.reserve_tickets(shop.schedule_id)
        connect().execute("select pg_terminate_backend(%s)", (client.connection.info.backend_pid,))
        for _ in range(2):
            with pytest.raises(psycopg.OperationalError):
                client.reserve_tickets(shop.schedule_id)
    assert count(connect()) == 0
    client.open()
    assert client.reserve_tickets(shop.schedule_id).quantity == 1


def test_the_first_call_connects_and_a_closed_client_stays_closed(shop: Shop) -> None:
    client = TicketDB(shop.dsn)
    with pytest.raises(psycopg.InterfaceError):
        _ = client.connection
    assert client.verify_inventory() == []
    client.close()
    with pytest.raises(psycopg.OperationalError):
        client.verify_inventory()


def test_statements_are_prepared_only_by_request(shop: Shop) -> None:
    def prepared(client: TicketDB) -> int:
        for _ in range(8):
            client.check_ticket_availability(shop.schedule_id)
        return client.connection.execute("select count(*) from pg_prepared_statements").fetchone()[0]

    assert prepared(shop.client) == 0
    with TicketDB(shop.dsn, prepare_threshold=5) as client:
        assert prepared(client) > 0


def test_what_is_no_database_is_refused_at_once() -> None:
    with pytest.raises(TypeError):
        TicketDB(17)  # type: ignore[arg-type]
