"""A class of five places, and what a refusal must leave as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from factories import assert_sound, expect_error, value

# an id that nothing has
UNKNOWN = 999_999_999

TABLES = [
    "event_definitions",
    "event_schedules",
    "ticket_types",
    "ticket_reservations",
    "ticket_payments",
    "event_tickets",
    "program_participants",
]


@dataclass
class Shop:
    """A class of five places that is on sale."""

    tx: psycopg.Connection
    event: int
    class_: int

    def sizes(self) -> list[int]:
        """How many rows there are of everything."""
        return value(
            self.tx, f"select array[{', '.join(f'(select count(*) from public.{t})' for t in TABLES)}]"
        )

    @contextmanager
    def refuses(self, sqlstate: str, reason: str, **detail: Any) -> Iterator[None]:
        """What is done inside is refused so, and nothing was written."""
        before = self.sizes()
        with expect_error(self.tx, sqlstate, reason, **detail):
            yield
        assert self.sizes() == before
        assert_sound(self.tx)
