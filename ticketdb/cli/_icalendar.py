"""Events of an iCalendar file, as `import_event` takes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from ticketdb.cli._failure import CommandError

# what no text of a calendar may have (RFC 5545, 3.3.11), nor PostgreSQL keep
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# names of zones that the library's list of Outlook's still calls by their old names
_RENAMED = {
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Indianapolis": "America/Indiana/Indianapolis",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
}


def read_events(data: bytes, name: str) -> list[dict[str, Any]]:
    """The events of a file, each with what was changed of its occurrences one by one."""
    try:
        from icalendar import Calendar
    except ImportError:
        raise CommandError(
            "reading calendars takes the package icalendar", "pip install 'ticketdb[calendars]'"
        ) from None
    text = _text(data, name)
    _refuse_doubled_parts(text, name)
    try:
        calendars = Calendar.from_ical(text, multiple=True)
    except ValueError as error:
        raise CommandError(
            f"{name} is no calendar: {error}", "Export it again as iCalendar (.ics)."
        ) from None
    events: dict[str, dict[str, Any]] = {}
    changed: list[tuple[Any, str, dict[str, str]]] = []
    for calendar in calendars:
        zones = _places(calendar)
        zone = calendar.get("X-WR-TIMEZONE")
        component: Any
        for component in calendar.walk("VEVENT"):
            title = f"{name}: {component.get('SUMMARY') or component.get('UID') or 'an event'}"
            _refuse_broken(component, title)
            if component.get("RECURRENCE-ID") is not None:
                # the event that it is of may come later
                changed.append((component, title, zones))
                continue
            event = _event(component, zones, _zone(component["DTSTART"], zones))
            if event["uid"] in events:
                raise CommandError(
                    f"{title}: the UID {event['uid']} stands there twice", "Leave one of them out."
                )
            if zone is not None:
                event["calendar_timezone"] = _zone_named(str(zone), zones)
            events[event["uid"]] = event
    for component, title, zones in changed:
        _change(events, component, title, zones)
    if not events:
        raise CommandError(f"{name} has no event", "Export a calendar with events (VEVENT).")
    return list(events.values())


def _text(data: bytes, name: str) -> str:
    """The lines of a file as they were before they were folded, which may have been within a character."""
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        text = re.sub(b"\n[ \t]", b"", lines).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{name} is no UTF-8: {error}", "Export it again, or save it as UTF-8.") from None
    return _CONTROLS.sub("", text).replace("\n", "\r\n")


def _refuse_doubled_parts(text: str, name: str) -> None:
    """The library would keep the last of two, and say nothing."""
    for rule in re.findall(r"^(?:RRULE|EXRULE)[:;].*", text, re.IGNORECASE | re.MULTILINE):
        parts = Counter(part.partition("=")[0].upper() for part in rule.strip().partition(":")[2].split(";"))
        for part, times in parts.items():
            if part and times > 1:
                raise CommandError(
                    f"{name}: {rule.strip()}: {part} stands there twice", "Give each part once."
                )


def _places(calendar: Any) -> dict[str, str]:
    """The places of which a file says that the zones that it describes are theirs."""
    described = {
        str(zone.get("TZID")): str(zone.get("X-LIC-LOCATION")) for zone in calendar.walk("VTIMEZONE")
    }
    return {name: place for name, place in described.items() if place in _iana_names()}


# the library's types leave open what each property is
def _refuse_broken(component: Any, title: str) -> None:
    """What the library could not read, what is missing, and what stands there more often than it can mean."""
    for field, problem in component.errors:
        raise CommandError(f"{title}: {field}: {problem}", "Export it again, or leave the event out.")
    for needed, hint in (
        ("UID", "Give it a line such as UID:jazz-1@example.org, by which it is known when it comes again."),
        ("DTSTART", "Export it again, or leave the event out."),
    ):
        if component.get(needed) is None:
            raise CommandError(f"{title}: there is no {needed}", hint)
    for once in ("UID", "SUMMARY", "DESCRIPTION", "STATUS", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID"):
        if isinstance(component.get(once), list):
            raise CommandError(f"{title}: {once} stands there twice", "Leave one of them out.")


def _event(component: Any, zones: dict[str, str], zone: str | None) -> dict[str, Any]:
    """An event, its times in this zone, or as instants where they are given in another."""

    def moment(value: date, of: Any) -> str:
        return _moment(value, _zone(of, zones), zone)

    event: dict[str, Any] = {
        "uid": str(component["UID"]),
        "title": str(component.get("SUMMARY", "")),
        "starts_at": moment(component["DTSTART"].dt, component["DTSTART"]),
        "rules": [rule.to_ical().decode() for rule in _several(component, "RRULE")],
        "exclusion_rules": [rule.to_ical().decode() for rule in _several(component, "EXRULE")],
        "exdates": [moment(day.dt, days) for days in _several(component, "EXDATE") for day in days.dts],
        "rdates": [_span(day.dt, days, moment) for days in _several(component, "RDATE") for day in days.dts],
        "overrides": [],
    }
    if zone is not None:
        event["timezone"] = zone
    if component.get("DTEND") is not None:
        event["ends_at"] = moment(component["DTEND"].dt, component["DTEND"])
    elif component.get("DURATION") is not None:
        event["seconds"] = _seconds(component["DURATION"].dt)
    if component.get("DESCRIPTION") is not None:
        event["description"] = str(component["DESCRIPTION"])
    if component.get("STATUS") is not None:
        event["status"] = str(component["STATUS"]).upper()
    for categories in _several(component, "CATEGORIES"):
        if categories.cats:
            event.setdefault("event_category", str(categories.cats[0]))
    return event


def _change(events: dict[str, dict[str, Any]], component: Any, title: str, zones: dict[str, str]) -> None:
    """Adds to its event what was changed of one occurrence."""
    uid, instead_of = str(component["UID"]), component["RECURRENCE-ID"]
    if uid not in events:
        raise CommandError(
            f"{title}: an occurrence without the event that it is of",
            "Export the whole event, not one occurrence of it.",
        )
    if "RANGE" in instead_of.params:
        raise CommandError(
            f"{title}: a change of this and all following occurrences",
            "End the event there, and make another of what follows.",
        )
    # whatever the zone of this one is
    zone = events[uid].get("timezone")
    override = _event(component, zones, zone)
    override["recurrence_id"] = _moment(instead_of.dt, _zone(instead_of, zones), zone)
    events[uid]["overrides"].append(override)


def _several(component: Any, name: str) -> list[Any]:
    """The values of a property that may stand there several times."""
    found = component.get(name, [])
    return found if isinstance(found, list) else [found]


def _zone(value: Any, zones: dict[str, str]) -> str | None:
    """The IANA name of a time's zone, as far as it can be told; else what the file calls it."""
    named = value.params.get("TZID")
    return None if named is None else _zone_named(str(named), zones)


@cache
def _iana_names() -> set[str]:
    return available_timezones()


def _zone_named(named: str, zones: dict[str, str]) -> str:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    if named in _iana_names():
        return named
    if named in WINDOWS_TO_OLSON:
        return _RENAMED.get(WINDOWS_TO_OLSON[named], WINDOWS_TO_OLSON[named])
    if named in zones:
        return zones[named]
    # a list of somebody's, with the name of the zone at the end: /mozilla.org/20050126_1/Europe/Berlin
    if named.startswith("/"):
        parts = named.split("/")
        for first in range(1, len(parts)):
            if (end := "/".join(parts[first:])) in _iana_names():
                return end
    return "UTC" if named == "tzone://Microsoft/Utc" else named


def _moment(value: date, named: str | None = None, zone: str | None = None) -> str:
    """A date, a time of the event's zone where the value is of that, or an instant."""
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None or (zone is not None and named == zone):
        return value.replace(tzinfo=None, microsecond=0).isoformat()
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _span(value: Any, of: Any, moment: Callable[[date, Any], str]) -> dict[str, Any]:
    """A date that is added: when it begins, and, where the file says it, how long it lasts."""
    if not isinstance(value, tuple):
        return {"starts_at": moment(value, of)}
    start, end = value
    if isinstance(end, timedelta):
        return {"starts_at": moment(start, of), "seconds": _seconds(end)}
    return {"starts_at": moment(start, of), "ends_at": moment(end, of)}


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
