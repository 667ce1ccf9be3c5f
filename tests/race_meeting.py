"""Two clients and one reservation: the second has to wait for the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from race_helpers import Client
from race_shop import Shop


@dataclass
class Meeting:
    """What became of two clients of whom the second had to wait until the first committed."""

    shop: Shop
    reservation: int
    waited: bool
    first: Any
    second: Any


Action = Callable[[Client, int, int], Any]  # client, schedule, reservation


def meet(
    shop: Shop, first_does: Action, second_does: Action, *, capacity: int = 1, lapsed: bool = False
) -> Meeting:
    """The first acts on a hold of one seat and stays uncommitted; the second acts; then the first commits."""
    schedule = shop.schedule(capacity)
    reservation = shop.lapsed_hold(schedule) if lapsed else shop.admin.reserve(schedule).reservation_id
    first, second = shop.clients(2)
    first.begin()
    answer = first_does(first, schedule, reservation)
    second.start(second_does, second, schedule, reservation)
    waited = shop.waits(second, on=first)
    first.commit()
    return Meeting(shop, reservation, waited, answer, second.finish())


def reserve(client: Client, schedule: int, _: int) -> Any:
    return client.reserve(schedule)


def confirm(client: Client, _: int, reservation: int) -> Any:
    return client.confirm(reservation, "pay-1")


def release(client: Client, _: int, reservation: int) -> Any:
    return client.release(reservation)


def cancel(client: Client, _: int, reservation: int) -> Any:
    return client.cancel(reservation)
