"""Rules of recurrence, and calendars (iCalendar) out and in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImportedEvent:
    """What became of an event of a calendar: `result` is created, updated or unchanged."""

    result: str
    event_definition_id: int
    event_code: str
    title: str
    uid: str
