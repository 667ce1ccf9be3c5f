"""Scans of scanners that were offline: a verdict for each row, and nothing that loses the batch."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from factories import call, define, expect_error, pay, reserve, rows, schedule, value

from ticketdb import TicketDB

pytestmark = pytest.mark.usefixtures("sound")

TEN = "2031-03-01T10:00:00+05:30"
FIVE_PAST = "2031-03-01T10:05:00+05:30"
TEN_PAST = "2031-03-01T10:10:00+05:30"


def tickets(tx: psycopg.Connection, quantity: int = 1, **event: Any) -> list[UUID]:
    """The codes of a paid order."""
    held = reserve(tx, schedule(tx, define(tx, **event)), quantity, contact='{"name": "Asha Rao"}')
    return pay(tx, held.reservation_id).ticket_codes


def scan(code: object, at: str = TEN, **more: Any) -> dict[str, Any]:
    return {"ticket_code": str(code), "scan_id": str(uuid4()), "scanned_at": at, **more}


def batch(tx: psycopg.Connection, *scans: Any) -> list[Any]:
    return rows(tx, "select * from public.check_in_batch(%s)", json.dumps(scans))


def results(verdicts: list[Any]) -> list[tuple[str, bool]]:
    return [(verdict.result, verdict.conflict) for verdict in verdicts]


def test_each_row_gets_its_verdict_in_its_place(tx: psycopg.Connection) -> None:
    one, other = tickets(tx, 2)
    class_ = schedule(tx)
    void = tickets(tx)[0]
    reservation = value(tx, "select reservation_id from public.event_tickets where ticket_code = %s", void)
    call(tx, "cancel_reservation", reservation)
    after = "2200-01-01T00:00:00Z"
    verdicts = batch(
        tx,
        scan(other, schedule_id=class_, gate="north"),
        scan(one, gate="north"),
        scan(uuid4()),
        scan("https://example.org/somebody-elses-code"),
        scan(void, after),
        scan(one, FIVE_PAST, gate="north"),
    )
    assert [verdict.line for verdict in verdicts] == [1, 2, 3, 4, 5, 6]
    assert [verdict.result for verdict in verdicts] == [
        "wrong_schedule", "admitted", "unknown", "unknown", "void", "already_used"
    ]  # fmt: skip
    assert not any(verdict.conflict or verdict.problem for verdict in verdicts)
    assert (verdicts[1].name, verdicts[1].quantity, verdicts[1].scan_count) == ("Asha Rao", 1, 2)
    assert verdicts[1].first_scanned_at == datetime.fromisoformat(TEN)


@pytest.mark.parametrize(
    "row",
    [
        None,
        7,
        [],
        {},
        {"ticket_code": None},
        {"ticket_code": str(uuid4()), "scan_id": str(uuid4())},
        {"ticket_code": str(uuid4()), "scanned_at": TEN},
        {"ticket_code": str(uuid4()), "scan_id": "7", "scanned_at": TEN},
        {"ticket_code": str(uuid4()), "scan_id": str(uuid4()), "scanned_at": "yesterday+01"},
        {"ticket_code": str(uuid4()), "scan_id": str(uuid4()), "scanned_at": "infinity"},
        {"ticket_code": str(uuid4()), "scan_id": str(uuid4()), "scanned_at": "2031-03-01T10:00:00"},
        # no reader of the answer has years of five digits
        {"ticket_code": str(uuid4()), "scan_id": str(uuid4()), "scanned_at": "9999-12-31T23:59:60-12"},
        {"ticket_code": str(uuid4()), "scan_id": str(uuid4()), "scanned_at": TEN, "schedule_id": "hall"},
        {"ticket_code": str(uuid4()), "scan_id": str(uuid4()), "scanned_at": TEN, "schedule_id": 1 << 40},
    ],
)
def test_row_that_cannot_be_read_loses_no_other(tx: psycopg.Connection, row: Any) -> None:
    (code,) = tickets(tx)
    told, other = batch(tx, row, scan(code))
    assert told.result == "invalid"
    assert told.problem
    assert other.result == "admitted"


@pytest.mark.parametrize("scans", ["null", "{}", '"x"', json.dumps([1] * 1001)])
def test_what_is_no_batch_is_refused(tx: psycopg.Connection, scans: str) -> None:
    with expect_error(tx, "PT400", "invalid_argument", at_most=1000):
        call(tx, "check_in_batch", scans)
    with expect_error(tx, "PT400", "invalid_argument"):
        call(tx, "check_in_batch", None)


def test_empty_batch_has_no_verdicts(tx: psycopg.Connection) -> None:
    assert batch(tx) == []


def test_batch_that_is_sent_again_answers_the_same_and_does_nothing(tx: psycopg.Connection) -> None:
    one, other = tickets(tx, 2)
    scans = [scan(one), scan(one, FIVE_PAST, gate="south"), scan(other), scan(uuid4()), 7]
    first = batch(tx, *scans)
    assert [verdict.result for verdict in first] == [
        "admitted", "already_used", "admitted", "unknown", "invalid"
    ]  # fmt: skip
    count = "select count(*) from public.ticket_check_ins"
    before = value(tx, count)
    assert batch(tx, *scans) == first
    again = batch(tx, *reversed(scans))[::-1]
    assert again == [verdict._replace(line=len(scans) + 1 - verdict.line) for verdict in first]
    assert value(tx, count) == before


def test_scans_of_a_batch_count_in_the_order_in_which_they_were_made(tx: psycopg.Connection) -> None:
    (code,) = tickets(tx)
    late, early = batch(tx, scan(code, TEN_PAST), scan(code, TEN))
    assert (late.result, early.result) == ("already_used", "admitted")
    (code,) = tickets(tx, admission_policy="in_and_out")
    verdicts = batch(tx, scan(code, TEN_PAST), scan(code, TEN), scan(code, FIVE_PAST))
    assert [verdict.result for verdict in verdicts] == ["admitted", "admitted", "exited"]


# -- conflicts: somebody may have been let in who should not have been


def test_ticket_that_two_gates_admitted_offline_is_a_conflict(tx: psycopg.Connection) -> None:
    (code,) = tickets(tx)
    (first,) = batch(tx, scan(code, TEN, gate="north"))
    (second,) = batch(tx, scan(code, FIVE_PAST, gate="south"))
    assert results([first, second]) == [("admitted", False), ("already_used", True)]
    assert second.first_scanned_at == first.first_scanned_at


def test_what_a_door_has_done_stands_when_an_earlier_scan_comes_later(tx: psycopg.Connection) -> None:
    (code,) = tickets(tx)
    online = call(tx, "check_in", code, scanned_at=FIVE_PAST)
    assert online.result == "admitted"
    (late,) = batch(tx, scan(code, TEN))
    assert results([late]) == [("already_used", True)]
    assert late.first_scanned_at == online.first_scanned_at


def test_same_gate_scanning_twice_is_no_conflict(tx: psycopg.Connection) -> None:
    (code,) = tickets(tx)
    verdicts = batch(tx, scan(code, TEN, gate="north"), scan(code, FIVE_PAST, gate="north"))
    assert results(verdicts) == [("admitted", False), ("already_used", False)]


def test_ticket_that_was_cancelled_after_it_was_scanned_is_a_conflict(tx: psycopg.Connection) -> None:
    (code,) = tickets(tx)
    reservation = value(tx, "select reservation_id from public.event_tickets where ticket_code = %s", code)
    call(tx, "cancel_reservation", reservation)
    (told,) = batch(tx, scan(code, "2020-01-01T00:00:00Z"))
    assert results([told]) == [("void", True)]


def test_scan_id_of_another_ticket_is_invalid_and_does_nothing(tx: psycopg.Connection) -> None:
    one, other = tickets(tx, 2)
    sent = scan(one)
    told = batch(tx, sent, {**sent, "ticket_code": str(other)})
    assert results(told) == [("admitted", False), ("invalid", False)]
    assert told[1].problem
    assert results(batch(tx, scan(other))) == [("admitted", False)]


def test_application_sees_who_came_by_a_batch(tx: psycopg.Connection) -> None:
    codes = tickets(tx, 3)
    batch(tx, *map(scan, codes))
    seen = rows(
        tx,
        """
        select p.is_verified, p.scan_count from public.program_participants as p
        join public.event_tickets as t on t.participant_id = p.id where t.ticket_code = %s
        """,
        codes[0],
    )
    assert seen == [(True, 3)]


def test_wrapper_sends_a_batch_and_tells_the_verdicts(tx: psycopg.Connection) -> None:
    (code,) = tickets(tx)
    told, bad = TicketDB(tx).check_in_batch([scan(code), {"ticket_code": "x"}])
    assert (told.line, told.result, told.name, told.conflict) == (1, "admitted", "Asha Rao", False)
    assert (bad.line, bad.result, bad.ticket_id) == (2, "invalid", None)


@pytest.mark.parametrize("at", ["1000-01-01T00:00:00+14", "2999-12-31T23:59:60-12"])
def test_first_and_last_time_of_the_calendar_lose_no_other(tx: psycopg.Connection, at: str) -> None:
    one, other = tickets(tx, 2)
    assert results(batch(tx, scan(one, at), scan(other))) == [("admitted", False)] * 2


def test_scan_that_another_day_has_not_used_up_is_no_conflict(tx: psycopg.Connection) -> None:
    (code,) = tickets(tx, admission_policy="once_a_day", timezone="Asia/Kolkata")
    for day in (1, 2):
        admitted = call(
            tx, "check_in", code, gate="north", scanned_at=f"2031-03-0{day}T10:00:00+05:30"
        ).result
        assert admitted == "admitted"
    read_twice = scan(code, "2031-03-01T10:00:05+05:30", gate="north")
    elsewhere = scan(code, "2031-03-01T10:00:06+05:30", gate="south")
    before = scan(code, "2031-03-02T09:59:00+05:30", gate="north")
    assert results(batch(tx, read_twice, elsewhere, before)) == [
        ("already_used", False), ("already_used", True), ("already_used", True)
    ]  # fmt: skip
