"""Events of an iCalendar file, as `import_event` takes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from ticketdb.cli._failure import CommandError


def read_events(data: bytes, name: str) -> list[dict[str, Any]]:
    """The events of a file, each with what was changed of its occurrences one by one."""
    try:
        from icalendar import Calendar
    except ImportError:
        raise CommandError(
            "reading calendars takes the package icalendar", "pip install 'ticketdb[calendars]'"
        ) from None
    try:
        calendars = Calendar.from_ical(data, multiple=True)
    except ValueError as error:
        raise CommandError(
            f"{name} is no calendar: {error}", "Export it again as iCalendar (.ics)."
        ) from None
    events: dict[str, dict[str, Any]] = {}
    overrides: list[tuple[str, str, dict[str, Any]]] = []
    for calendar in calendars:
        zone = calendar.get("X-WR-TIMEZONE")
        component: Any
        for component in calendar.walk("VEVENT"):
            title = f"{name}: {component.get('SUMMARY') or component.get('UID') or 'an event'}"
            for field, problem in component.errors:
                raise CommandError(f"{title}: {field}: {problem}", "Export it again, or leave the event out.")
            event = _event(component, title)
            if zone is not None:
                event["calendar_timezone"] = str(zone)
            if "recurrence_id" in event:
                overrides.append((title, event["uid"], event))
            elif event["uid"] in events:
                raise CommandError(
                    f"{title}: the UID {event['uid']} stands there twice", "Leave one of them out."
                )
            else:
                events[event["uid"]] = event
    for title, uid, override in overrides:
        if uid not in events:
            raise CommandError(
                f"{title}: an occurrence without the event that it is of",
                "Export the whole event, not one occurrence of it.",
            )
        events[uid]["overrides"].append(override)
    if not events:
        raise CommandError(f"{name} has no event", "Export a calendar with events (VEVENT).")
    return list(events.values())


# the library's types leave open what each property is
def _event(component: Any, title: str) -> dict[str, Any]:
    for needed in ("UID", "DTSTART"):
        if component.get(needed) is None:
            raise CommandError(f"{title}: there is no {needed}", "Export it again, or leave the event out.")
        if isinstance(component[needed], list):
            raise CommandError(f"{title}: {needed} stands there twice", "Leave one of them out.")
    start = component["DTSTART"].dt
    zone = _zone(component["DTSTART"])
    event: dict[str, Any] = {
        "uid": str(component["UID"]),
        "title": str(component.get("SUMMARY", "")),
        "starts_at": _moment(start, zone),
        "rules": [rule.to_ical().decode() for rule in _several(component, "RRULE")],
        "exclusion_rules": [rule.to_ical().decode() for rule in _several(component, "EXRULE")],
        "exdates": [_moment(day.dt, zone) for days in _several(component, "EXDATE") for day in days.dts],
        "rdates": [_span(day.dt, zone) for days in _several(component, "RDATE") for day in days.dts],
        "overrides": [],
    }
    if zone is not None:
        event["timezone"] = zone
    if component.get("DTEND") is not None:
        event["ends_at"] = _moment(component["DTEND"].dt, zone)
    elif component.get("DURATION") is not None:
        event["seconds"] = _seconds(component["DURATION"].dt)
    if component.get("DESCRIPTION") is not None:
        event["description"] = str(component["DESCRIPTION"])
    if component.get("STATUS") is not None:
        event["status"] = str(component["STATUS"]).upper()
    for categories in _several(component, "CATEGORIES"):
        if categories.cats:
            event.setdefault("event_category", str(categories.cats[0]))
    instead_of = component.get("RECURRENCE-ID")
    if instead_of is not None:
        if "RANGE" in instead_of.params:
            raise CommandError(
                f"{title}: a change of this and all following occurrences",
                "End the event there, and make another of what follows.",
            )
        # the zone of the whole event, whatever that of this one is
        event["starts_at"] = _moment(start, None)
        event["recurrence_id"] = _moment(instead_of.dt, None)
        if "ends_at" in event:
            event["ends_at"] = _moment(component["DTEND"].dt, None)
    return event


def _several(component: Any, name: str) -> list[Any]:
    """The values of a property that may stand there several times."""
    found = component.get(name, [])
    return found if isinstance(found, list) else [found]


def _zone(value: Any) -> str | None:
    """The IANA name of a time's zone, where the library knows one; else what the file calls it."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    named = value.params.get("TZID")
    if named is None:
        return None
    return str(getattr(value.dt.tzinfo, "key", None) or WINDOWS_TO_OLSON.get(named, named))


def _moment(value: date, zone: str | None) -> str:
    """A date, a time of the event's zone, or an instant."""
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None or (zone is not None and getattr(value.tzinfo, "key", None) == zone):
        return value.replace(tzinfo=None, microsecond=0).isoformat()
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _span(value: Any, zone: str | None) -> dict[str, Any]:
    """A date that is added: when it begins, and, where the file says it, how long it lasts."""
    if not isinstance(value, tuple):
        return {"starts_at": _moment(value, zone)}
    start, end = value
    if isinstance(end, timedelta):
        return {"starts_at": _moment(start, zone), "seconds": _seconds(end)}
    return {"starts_at": _moment(start, zone), "ends_at": _moment(end, zone)}


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
