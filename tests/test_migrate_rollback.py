"""Taking ticketdb out again."""

import pytest
from hosts import APPLICATION, ask, rows, run

from ticketdb._resources import migrations_dir
from ticketdb.migrate import DatabaseNewer, MigrationError, TicketsSold, migrate, rollback, status
from tools.catalog import compare, snapshot

SALE = """
insert into public.event_definitions (event_code, title, event_category, event_type)
values ('show', 'Show', 'live-show', 'concert');
insert into public.event_schedules (event_definition_id, schedule_date, start_time, end_time, max_tickets)
select d.id, current_date + 30, '10:00', '11:00', 10 from public.event_definitions as d;
select public.reserve_tickets(s.id, 2) from public.event_schedules as s;
"""
PAID = "select public.confirm_reservation(r.id::int, 'pay-1') from public.ticket_reservations as r"


def test_every_migration_has_a_rollback():
    files = {path.name for path in migrations_dir().glob("[0-9]*.sql")}
    forward = {name for name in files if not name.endswith(".rollback.sql")}
    assert files == forward | {name.replace(".sql", ".rollback.sql") for name in forward}


@pytest.mark.parametrize(
    "before_us",
    [
        "",
        "alter table bookings add event_schedule_id int;"
        "comment on column bookings.event_schedule_id is 'mine'",
        "create index idx_bookings_event_schedule on bookings (status)",
        "alter table program_participants add event_definition_id int default 7;"
        "alter table program_participants alter event_definition_id drop default;"
        "update program_participants set event_definition_id = null",
    ],
)
def test_everything_out_leaves_the_application_as_it_was(empty_db, before_us):
    run(empty_db, APPLICATION)
    if before_us:
        run(empty_db, before_us)
    before = snapshot(empty_db, without=()), rows(empty_db)
    applied = migrate(empty_db).applied
    assert compare(before[0], snapshot(empty_db, without=()), "before", "after") != []
    assert rollback(empty_db, everything=True) == applied[::-1]
    assert compare(before[0], snapshot(empty_db, without=()), "before", "after") == []
    assert rows(empty_db) == before[1]
    assert ask(empty_db, "select to_regnamespace('ticketdb') is null")


def test_everything_out_of_a_database_without_an_application_leaves_nothing(empty_db):
    before = snapshot(empty_db, without=())
    migrate(empty_db)
    rollback(empty_db, everything=True)
    assert snapshot(empty_db, without=()) == before
    assert migrate(empty_db).applied == status(empty_db).applied


def test_migrations_can_be_taken_out_and_put_back(db):
    """The newest at each place where one may stop; the older ones were newest once."""
    whole = snapshot(db)
    for count in (1, 2, 3, 5, 10, 20, len(status(db).applied)):
        taken = [rollback(db)[0] for _ in range(count)]
        assert status(db).pending == tuple(reversed(taken))
        assert migrate(db).applied == tuple(reversed(taken))
        assert compare(whole, snapshot(db), "before", "after") == []


@pytest.mark.parametrize("name", ["0003", "0003_host_columns", "ticketdb-0003_host_columns"])
def test_rolling_back_to_a_migration_keeps_it(db, name):
    rollback(db, to=name)
    assert status(db).applied[-1] == "ticketdb-0003_host_columns"


def test_seats_of_a_big_house_are_dealt_anew_over_more_buckets(db):
    rollback(db, to="0014")
    run(db, SALE.replace("11:00', 10 ", "11:00', 3000 "))
    buckets = "select array[count(*), sum(capacity), sum(held)]::int[] from ticketdb.seat_buckets"
    assert ask(db, buckets) == [64, 3000, 2]
    migrate(db)
    assert ask(db, buckets) == [128, 3000, 2]
    assert ask(db, "select count(*) from public.verify_inventory()") == 0


def test_what_lasts_for_days_is_shortened_unless_tickets_are_sold(db):
    run(db, SALE)
    run(db, "update public.event_schedules set extra_days = 2")
    days = (
        "select array[end_datetime::date - schedule_date, ends_at::date - starts_at::date]"
        " from public.event_schedules"
    )
    assert ask(db, days) == [2, 2]
    rollback(db, to="0033")
    assert ask(db, days) == [0, 0]
    migrate(db)
    run(db, "update public.event_schedules set extra_days = 2")
    run(db, PAID)
    assert rollback(db, to="0034")
    before = status(db)
    with pytest.raises(MigrationError):
        rollback(db, to="0033")
    assert (status(db), ask(db, days)) == (before, [2, 2])
    run(db, "update public.event_schedules set extra_days = 0")
    assert rollback(db, to="0033")
    assert ask(db, days) == [0, 0]


def test_an_unknown_target_is_refused(db):
    before = status(db)
    with pytest.raises(MigrationError):
        rollback(db, to="0999")
    assert status(db) == before


def test_a_database_without_ticketdb_has_nothing_to_roll_back(empty_db):
    before = snapshot(empty_db, without=())
    assert rollback(empty_db) == ()
    assert rollback(empty_db, everything=True) == ()
    assert snapshot(empty_db, without=()) == before


def test_sold_tickets_are_not_dropped_unless_forced(db):
    run(db, SALE)
    run(db, PAID)
    before = status(db)
    with pytest.raises(TicketsSold) as caught:
        rollback(db, everything=True)
    assert "--force" in caught.value.hint
    assert status(db) == before
    # what keeps the tables may go
    assert rollback(db, to="0003")
    rollback(db, everything=True, force=True)
    assert ask(db, "select to_regclass('public.ticket_reservations') is null")


def test_holds_that_nobody_paid_may_go(db):
    run(db, SALE)
    rollback(db, everything=True)
    assert status(db).applied == ()


def test_a_newer_database_cannot_be_rolled_back_by_an_older_package(db):
    run(
        db,
        "update ticketdb.ticket_migrations set migration_id = 'ticketdb-9999_future'"
        " where migration_id ~ '0003'",
    )
    with pytest.raises(DatabaseNewer):
        rollback(db, everything=True)
