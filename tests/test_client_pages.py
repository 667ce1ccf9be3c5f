"""Large results come page by page: nothing is missed or seen twice, and other calls go between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from factories import NEXT_WEEK, define, insert, schedule

from ticketdb import TicketDB, _statements

Connect = Callable[..., psycopg.Connection]


@pytest.fixture(params=[1, 2, 3, 5, 1000])
def page(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many rows are read at once."""
    monkeypatch.setattr(_statements, "PAGE", request.param)
    return request.param


@pytest.mark.usefixtures("page")
def test_every_occurrence_comes_once_in_order_of_time(tx: psycopg.Connection) -> None:
    expected = []
    for day in (3, 1, 2):
        # two at one time, told apart by their ids, and one before
        for start in ("07:00", "07:00", "06:30"):
            date = NEXT_WEEK + timedelta(days=day)
            made = schedule(
                tx, define(tx, event_type="paged"), schedule_date=date, start_time=start, end_time="09:00"
            )
            expected.append((date, start, made))
    client = TicketDB(tx)
    found = [
        (row.schedule_date, f"{row.start_time:%H:%M}", row.schedule_id)
        for row in client.event_availability("paged")
    ]
    assert found == sorted(expected)
    second, third = NEXT_WEEK + timedelta(days=2), NEXT_WEEK + timedelta(days=3)
    assert [row.schedule_date for row in client.event_availability("paged", second, third)] == (
        [second] * 3 + [third] * 3
    )
    assert [row.schedule_date for row in client.event_availability("paged", None, second)][-1] == second


@pytest.mark.usefixtures("page")
def test_every_participant_comes_once_by_name_and_those_without_one_last(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    names = ["Ravi", None, "Asha", "Asha", None, "Mira", "Asha", None]
    ids = {
        insert(tx, "program_participants", name=name, program_type="yoga", event_schedule_id=class_): name
        for name in names
    }
    found = [(row.name, row.participant_id) for row in TicketDB(tx).schedule_participants(class_)]
    assert found == sorted(
        ((name, id_) for id_, name in ids.items()), key=lambda row: (row[0] is None, row[0] or "", row[1])
    )


def test_pages_are_read_as_they_are_asked_for_and_other_calls_go_between(
    db: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_statements, "PAGE", 2)
    admin = connect()
    event = define(admin, event_type="paged", max_tickets=1)
    for day in range(4):
        schedule(admin, event, schedule_date=NEXT_WEEK + timedelta(days=day), max_tickets=1)
    seen = []
    with TicketDB(db) as client:
        for row in client.event_availability("paged"):
            seen.append(row.tickets_available)
            client.reserve_tickets(row.schedule_id)
            if len(seen) == 1:
                # the page that is being read knows nothing of it, the one after it does
                late = schedule(admin, event, schedule_date=NEXT_WEEK + timedelta(days=9), max_tickets=1)
        assert seen == [1] * 5
    assert row.schedule_id == late
    held = admin.execute("select count(*) from public.ticket_reservations where status = 'held'").fetchone()
    assert held == (5,)
