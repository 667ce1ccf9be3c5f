"""Posting a message to a webhook, signed as Standard Webhooks (standardwebhooks.com) has it."""

import base64
import binascii
import hashlib
import hmac
import time

import httpx2

from ticketdb.models import Notification
from ticketdb.notifications.message import NotSent, body_of, name_of

_PREFIX = "whsec_"
# of the body of an answer, which says nothing to us, so many parts are read
_PARTS = 16


def key_of(secret: str) -> bytes:
    """The key that a secret stands for: base64, with or without `whsec_` before it. Raises ValueError."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("it is not base64") from None
    if len(key) < 16:
        raise ValueError(f"it has {len(key)} bytes, 24 or more are good")
    return key


def is_address(url: str) -> bool:
    """Whether something can be posted there."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        return False
    return parsed.scheme in ("http", "https") and bool(parsed.host)


def signature(key: bytes, name: str, timestamp: int, body: bytes) -> str:
    """What the header webhook-signature says."""
    signed = hmac.digest(key, f"{name}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"


class Webhook:
    """Posts messages to a URL; any status of 200 to 299 means that it is sent. Close it at the end."""

    def __init__(self, url: str, key: bytes, timeout: float) -> None:
        """Take where to, the key of the signature, and the seconds that a post may take."""
        self._url = url
        self._key = key
        self._timeout = timeout
        self._client = httpx2.Client(timeout=timeout)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __call__(self, message: Notification) -> None:
        """Send; raises NotSent."""
        body, name, now = body_of(message), name_of(message), int(time.time())
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(now),
            "webhook-signature": signature(self._key, name, now, body),
        }
        status = None
        deadline = time.monotonic() + self._timeout
        try:
            with self._client.stream("POST", self._url, content=body, headers=headers) as answer:
                status = answer.status_code
                # to its end where that is near, so that the connection serves the next message too
                for _ in zip(answer.iter_raw(), range(_PARTS), strict=False):
                    if time.monotonic() > deadline:
                        break
        except httpx2.HTTPError as error:
            # what came before it fell silent may have said it all; without the URL, which may have a secret
            if status is None:
                raise NotSent(f"no answer: {type(error).__name__}") from None
        if status is None or not 200 <= status <= 299:
            raise NotSent(f"answered with status {status}")
