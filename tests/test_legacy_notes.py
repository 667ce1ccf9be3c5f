"""What link_legacy_data reads out of an admin's notes, and the codes it makes of types."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg
import pytest


def one(conn: psycopg.Connection, query: str, *parameters: Any) -> Any:
    row = conn.execute(query, parameters or None).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


@pytest.mark.parametrize(
    ("note", "capacity", "price", "claimed", "problem"),
    [
        ("Sold: 4 | Tickets: 120 @ ₹1,200.50", 120, "1200.50", 4, None),
        ("tickets:80 @ Rs. 250 | sold:7", 80, "250", 7, None),
        ("TICKETS = 1,500@INR 99", 1500, "99", None, None),
        ("VIP guests in row A. Sold: 3 | Tickets: 50 @ ₹999. Call Ravi.", 50, "999", 3, None),
        ("Tickets: 1,20,000 @ ₹ 10", 120000, "10", None, None),
        ("Ticket: 1 @ 0", 1, "0", None, None),
        ("Sold: 0 | Tickets: unlimited @ ₹500", 50, "0", 0, "unreadable_note"),
        ("Tickets: 60", 60, "0", None, "unreadable_note"),
        ("Tickets: 60 @ free", 60, "0", None, "unreadable_note"),
        ("Tickets: 60 @ -5", 60, "0", None, "unreadable_note"),
        ("Tickets: 60 @ 123456789.00", 60, "0", None, "unreadable_note"),
        ("Tickets: 60 @ 1.2345", 60, "0", None, "unreadable_note"),
        ("Tickets: 99999999999999999999 @ 5", 50, "0", None, "unreadable_note"),
        ("Tickets: -5 @ 5", 50, "0", None, "unreadable_note"),
        ("Sold: 99999999999999999999 | Tickets: 5 @ 5", 5, "5", None, None),
        ("Sold out of chairs? bring 20", 50, "0", None, "unreadable_note"),
        ("Tickets sold: 12", 50, "0", 12, "unreadable_note"),
        ("Tickets: ४० @ ₹५", 50, "0", None, "unreadable_note"),
        ("see whatsapp", 50, "0", None, "unreadable_note"),
        (" \n", 50, "0", None, "no_note"),
        ("", 50, "0", None, "no_note"),
        (None, 50, "0", None, "no_note"),
    ],
)
def test_a_note_is_read_whatever_its_spelling(
    tx: psycopg.Connection, note: str, capacity: int, price: str, claimed: int, problem: str
) -> None:
    read = one(tx, "select capacity, price, sold, problem from ticketdb.read_show_note(%s)", note)
    assert read == (capacity, Decimal(price), claimed, problem)


@pytest.mark.parametrize(
    ("is_class", "event_type", "code"),
    [
        (False, "Poetry Slam", "live-poetry-slam"),
        (False, "  Rock & Roll!! ", "live-rock-roll"),
        (False, "कव्वाली", "live-कव्वाली"),
        (False, "Théâtre — ₹5 🎭", "live-théâtre-5"),
        (False, None, "live-show"),
        (False, "!!", "live-show"),
        (True, "Yoga", "yoga-0705"),
        (True, " ", "class-0705"),
    ],
)
def test_a_type_has_one_code(tx: psycopg.Connection, is_class: bool, event_type: str, code: str) -> None:
    assert one(tx, "select ticketdb.legacy_code(%s, %s, '2026-06-15 07:05')", is_class, event_type) == code


def test_long_types_keep_codes_of_their_own(tx: psycopg.Connection) -> None:
    codes = [one(tx, "select ticketdb.legacy_code(false, %s, null)", "x" * 99 + tail) for tail in "ab"]
    assert [len(code) for code in codes] == [50, 50]
    assert codes[0] != codes[1]
