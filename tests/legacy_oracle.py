"""What link_legacy_data has to make of an application's rows, worked out by plain loops without ticketdb."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
# An occurrence, told by the booking that announced it and its date.
Occurrence = tuple[int, dt.date]

PAID = ("paid", "confirmed", "completed")
DAY = dt.timedelta(days=1)


@dataclass
class Note:
    """What an admin's note says."""

    capacity: int = 50
    price: Decimal = Decimal(0)
    sold: int | None = None
    problem: str | None = None


@dataclass
class Expected:
    """What has to stand in the database after the link."""

    definitions: dict[str, str] = field(default_factory=dict)
    occurrences: dict[Occurrence, Row] = field(default_factory=dict)
    bookings: dict[int, Row] = field(default_factory=dict)
    places: dict[tuple[int, Occurrence], int] = field(default_factory=dict)
    passes: dict[int, tuple[int, Decimal]] = field(default_factory=dict)
    participants: dict[int, Occurrence] = field(default_factory=dict)
    payments: dict[str, Decimal] = field(default_factory=dict)
    issues: dict[tuple[str, Any, str], Row] = field(default_factory=dict)


def number_at(text: str) -> tuple[str, str]:
    """The number at the start of a text, without its thousands separators, and what comes after it."""
    end = 0
    while end < len(text) and (
        text[end] in "0123456789"
        or (text[end] == "," and end > 0 and text[end + 1 : end + 3].isdecimal() and len(text) > end + 2)
    ):
        end += 1
    return text[:end].replace(",", ""), text[end:]


def after_word(text: str, words: tuple[str, ...]) -> str | None:
    """What comes after the first of these words that has a number behind its colon."""
    lower = text.lower()
    for at in range(len(text)):
        for word in words:
            before = lower[at - 1] if at else " "
            if lower.startswith(word, at) and not (before.isalnum() or before == "_"):
                rest = text[at + len(word) :].lstrip()
                if rest[:1] in (":", "=") and rest[1:].lstrip()[:1].isdecimal():
                    return rest[1:].lstrip()
    return None


def read_note(text: str | None) -> Note:
    """Capacity, price and claimed sales of a show's note."""
    if text is None or not text.strip():
        return Note(problem="no_note")
    note = Note(problem="unreadable_note")
    claim = after_word(text, ("sold",))
    if claim is not None and len(number_at(claim)[0]) < 10:
        note.sold = int(number_at(claim)[0])
    tickets = after_word(text, ("tickets", "ticket"))
    if tickets is None:
        return note
    digits, rest = number_at(tickets)
    if len(digits) >= 10:
        return note
    note.capacity = int(digits)
    rest = rest.lstrip()
    if not rest.startswith("@"):
        return note
    rest = rest[1:].lstrip()
    for currency in ("₹", "Rs.", "rs.", "Rs", "INR", "€"):
        rest = rest.removeprefix(currency)
    whole, rest = number_at(rest.lstrip())
    cents = number_at(rest[1:])[0] if rest.startswith(".") else ""
    if whole and len(whole) <= 8 and len(cents) <= 2:
        note.price = Decimal(f"{whole}.{cents or 0}")
        note.problem = None
    return note


def code_of(booking: Row) -> str:
    """The event_code of what a booking announces."""
    is_class = booking["booking_type"] == "daily"
    words: list[str] = []
    word = ""
    for char in (booking["event_type"] or "").lower():
        if unicodedata.category(char)[0] in "LNM":
            word += char
        elif word:
            words, word = [*words, word], ""
    slug = "-".join([*words, word] if word else words)
    if is_class:
        return f"{slug or 'class'}-{booking['start_datetime']:%H%M}"
    return f"live-{slug or 'show'}"


def is_announcement(booking: Row) -> bool:
    return bool(booking["is_admin_booking"])


def is_show(booking: Row) -> bool:
    return (booking["booking_type"] or "").startswith("live-")


def is_own_class(booking: Row) -> bool:
    return booking["booking_type"] == "daily" and not is_announcement(booking)


def kind(value: str | None) -> str:
    return (value or "").strip().lower()


def quantity_of(value: int | None) -> int:
    return value or 1


class Oracle:
    """Works out `Expected` from the application's rows."""

    def __init__(self, bookings: list[Row], participants: list[Row], now: dt.datetime, timezone: str) -> None:
        self.bookings = {b["id"]: b for b in sorted(bookings, key=lambda b: b["id"])}
        self.participants = sorted(participants, key=lambda p: p["id"])
        self.now, self.zone = now, ZoneInfo(timezone)
        self.expected = Expected()
        self.capacity: dict[Occurrence, int] = {}
        self.classes: list[Row] = []
        self.shows_at: dict[Any, list[Row]] = defaultdict(list)
        self.people_of: dict[int | None, list[Row]] = defaultdict(list)

    def work_out(self) -> Expected:
        """All of it."""
        for booking in self.bookings.values():
            if is_announcement(booking) and is_show(booking):
                self.announce_show(booking)
            elif is_announcement(booking) and booking["booking_type"] == "daily":
                self.announce_class(booking)
        for show in self.bookings.values():
            if is_announcement(show) and is_show(show):
                self.shows_at[show["space_id"], show["start_datetime"]].append(show)
        self.classes = [
            b for b in self.bookings.values() if is_announcement(b) and b["booking_type"] == "daily"
        ]
        for person in self.participants:
            self.people_of[person["booking_id"]].append(person)

        for booking in self.bookings.values():
            if not is_announcement(booking) and is_show(booking):
                self.purchase(booking)
            elif is_own_class(booking) and not self.people_of[booking["id"]]:
                self.class_booking(booking)
        for person in self.participants:
            if person["is_active"]:
                self.participant(person)
        self.compare_with_claims()
        return self.expected

    def issue(self, table: str, source: Any, problem: str, **detail: Any) -> None:
        self.expected.issues[table, source, problem] = detail

    def occurrence(self, booking: Row, day: dt.date, note: Note) -> None:
        start, end = booking["start_datetime"].time(), booking["end_datetime"].time()
        if start == end:
            end = (dt.datetime.combine(day, start) + dt.timedelta(hours=1)).time()
        ends = dt.datetime.combine(day if end > start else day + DAY, end, self.zone)
        status = "completed" if ends <= self.now else "scheduled"
        self.expected.definitions[code_of(booking)] = "live-show" if is_show(booking) else "wellness"
        self.capacity[booking["id"], day] = note.capacity
        self.expected.occurrences[booking["id"], day] = {
            "event_code": code_of(booking),
            "start_time": start,
            "end_time": end,
            "ticket_price": note.price,
            "space_id": booking["space_id"],
            "is_over": ends <= self.now,
            "status": "cancelled" if booking["status"] == "cancelled" else status,
        }

    def announce_show(self, booking: Row) -> None:
        note = read_note(booking["customer_note"])
        self.occurrence(booking, booking["start_datetime"].date(), note)
        if note.problem:
            self.issue("bookings", booking["id"], note.problem)
        length = booking["end_datetime"] - booking["start_datetime"]
        if not length or abs(length) > DAY:
            self.issue("bookings", booking["id"], "unreadable_times")

    def announce_class(self, booking: Row) -> None:
        note = read_note(booking["customer_note"])
        if note.problem:
            note.capacity = booking["attendees"] if (booking["attendees"] or 0) > 0 else 50
        day, last = booking["start_datetime"].date(), booking["end_datetime"].date()
        while day <= last:
            self.occurrence(booking, day, note)
            day += DAY

    def reserve(self, booking: Row, occurrence: Occurrence, quantity: int) -> None:
        """A reservation for a booking of the application."""
        sold = booking["status"] in PAID
        unsold = "cancelled" if booking["status"] == "cancelled" else "expired"
        self.expected.bookings[booking["id"]] = {
            "occurrence": occurrence,
            "quantity": quantity,
            "status": "confirmed" if sold else unsold,
        }
        if sold:
            amount = max(booking["total_amount"] or Decimal(0), Decimal(0))
            self.expected.payments["booking " + booking["booking_reference"]] = amount

    def purchase(self, booking: Row) -> None:
        shows = self.shows_at[booking["space_id"], booking["start_datetime"]]
        if not shows:
            self.issue("bookings", booking["id"], "no_matching_show")
            return
        for wanted in ("event_type", "end_datetime"):
            same = [s for s in shows if kind(str(s[wanted] or "")) == kind(str(booking[wanted] or ""))]
            shows = same or shows
        active = [p for p in self.people_of[booking["id"]] if p["is_active"]]
        quantity = (
            sum(quantity_of(p["ticket_quantity"]) for p in active)
            if active
            else quantity_of(booking["attendees"])
        )
        if not 1 <= quantity <= 10000:
            self.issue("bookings", booking["id"], "unreadable_quantity", quantity=quantity)
            return
        if len(shows) > 1:
            self.issue("bookings", booking["id"], "ambiguous_show", candidates=[s["id"] for s in shows])
        occurrence = (shows[0]["id"], shows[0]["start_datetime"].date())
        self.reserve(booking, occurrence, quantity)
        for person in active:
            self.expected.participants[person["id"]] = occurrence

    def running(self, event_type: str | None, day: dt.date | None) -> list[int]:
        return [
            c["id"]
            for c in self.classes
            if kind(c["event_type"]) == kind(event_type) and (c["id"], day) in self.expected.occurrences
        ]

    def booked_class(self, booking: Row) -> int | None:
        """The only class at the space and start of a booking, of its type if there is one."""
        found = [
            c
            for c in self.classes
            if c["space_id"] == booking["space_id"]
            and c["start_datetime"].time() == booking["start_datetime"].time()
            and (c["id"], booking["start_datetime"].date()) in self.expected.occurrences
        ]
        same = [c for c in found if kind(c["event_type"]) == kind(booking["event_type"])]
        for classes in (same, found):
            if len(classes) == 1:
                return int(classes[0]["id"])
        return None

    def class_booking(self, booking: Row) -> None:
        day = booking["start_datetime"].date()
        running = self.running(booking["event_type"], day)
        chosen = self.booked_class(booking) or (running[0] if len(running) == 1 else None)
        if chosen:
            self.reserve(booking, (chosen, day), quantity_of(booking["attendees"]))
        elif running:
            self.issue("bookings", booking["id"], "ambiguous_class", candidates=running)
        else:
            self.issue("bookings", booking["id"], "no_matching_class")

    def participant(self, person: Row) -> None:
        booking = self.bookings.get(person["booking_id"])
        if booking and is_show(booking):
            if is_announcement(booking):
                self.place(person, [(booking["id"], booking["start_datetime"].date())], None)
            return
        start = person["start_date"] and person["start_date"].date()
        own = booking if booking and is_own_class(booking) else None
        running = self.running(person["program_type"], start)
        if booking and is_announcement(booking) and booking["booking_type"] == "daily":
            chosen = booking["id"]
        else:
            chosen = own and self.booked_class(own)
            chosen = chosen or (running[0] if len(running) == 1 else None)
        first = start or (own and own["start_datetime"].date())
        days = [first] if first else []
        if first and person["subscription_type"] == "monthly":
            last = person["end_date"].date() if person["end_date"] else first + 29 * DAY
            days = [first + n * DAY for n in range((last - first).days + 1)]
        places = [(chosen, day) for day in days if (chosen, day) in self.expected.occurrences]
        if places:
            self.place(person, places, own)
            if person["subscription_type"] == "monthly":
                self.expected.passes[person["id"]] = (
                    len(places),
                    max(person["amount_paid"] or Decimal(0), Decimal(0)),
                )
        elif not chosen and len(running) > 1:
            self.issue("program_participants", person["id"], "ambiguous_class", candidates=running)
        else:
            self.issue("program_participants", person["id"], "orphan_participant")

    def place(self, person: Row, places: list[Occurrence], own: Row | None) -> None:
        for occurrence in places:
            self.expected.places[person["id"], occurrence] = quantity_of(person["ticket_quantity"])
        self.expected.participants[person["id"]] = places[0]
        reference = f"participant {person['id']}"
        if own and self.people_of[own["id"]][0]["id"] == person["id"]:
            reference = "booking " + own["booking_reference"]
        self.expected.payments[reference] = max(person["amount_paid"] or Decimal(0), Decimal(0))

    def compare_with_claims(self) -> None:
        sold: dict[Occurrence, int] = defaultdict(int)
        for booking in self.expected.bookings.values():
            if booking["status"] == "confirmed":
                sold[booking["occurrence"]] += booking["quantity"]
        for (_, occurrence), quantity in self.expected.places.items():
            sold[occurrence] += quantity
        for occurrence, row in self.expected.occurrences.items():
            announcement, count = self.bookings[occurrence[0]], sold[occurrence]
            capacity = self.capacity[occurrence]
            row["tickets_sold"], row["max_tickets"] = count, max(capacity, count)
            if count > capacity:
                table, source = (
                    ("bookings", occurrence[0]) if is_show(announcement) else ("event_schedules", occurrence)
                )
                self.issue(table, source, "oversold", capacity=capacity, sold=count)
            claimed = read_note(announcement["customer_note"]).sold
            if is_show(announcement) and claimed is not None and claimed != count:
                self.issue("bookings", occurrence[0], "sold_mismatch", claimed=claimed, sold=count)
