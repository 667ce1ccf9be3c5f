"""A message as its receiver gets it."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ticketdb.models import Notification


class NotSent(Exception):
    """The receiver did not take a message. What is said goes on record with it."""


def name_of(message: Notification) -> str:
    """What stays the same when a message is sent again, so that its receiver can drop the second."""
    return f"ticketdb_{message.notification_id}"


def body_of(message: Notification) -> bytes:
    """The message as JSON: type, timestamp of the event, and data."""
    data = asdict(message)
    # the sender's business
    del data["lease_id"]
    body = {"type": data.pop("kind"), "timestamp": data.pop("created_at"), "data": data}
    return json.dumps(body, default=_value, ensure_ascii=False).encode()


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        # local times have no zone, instants are told in one that everybody knows
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    return str(value)
