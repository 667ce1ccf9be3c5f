"""Spaces over HTTP: what a visitor, a buyer and an admin see of who has one."""

from __future__ import annotations

import pytest
from factories import define, insert, schedule, user
from house import House
from spaces import DAY, hire


@pytest.fixture
def studio(house: House) -> int:
    """A studio with a class at 07:00 and a private meeting at 08:00."""
    space = insert(house.shop, "spaces", name="Studio")
    zone = house.shop.execute("select ticketdb.database_time_zone()").fetchone()[0]
    schedule(
        house.shop, define(house.shop, space_id=space, event_code="yoga", timezone=zone), schedule_date=DAY
    )
    secret = define(house.shop, space_id=space, title="Surprise", is_active=False, timezone=zone)
    schedule(house.shop, secret, schedule_date=DAY, start_time="09:00", end_time="10:00")
    hire(house.shop, space, "08:00", "09:00", booking_reference="BK-1", event_type="wedding")
    return space


def blockers(api: object, space: int) -> list[str | None]:
    path = f"/rpc/get_available_time_slots?p_space_id={space}&p_date={DAY}&p_opens=06:00&p_closes=10:00"
    return [slot["blocked_by"] for slot in api.get(path).body]  # type: ignore[attr-defined]


def test_names_are_for_staff(house: House, studio: int) -> None:
    for api in (house.visitor(), house.buyer(user(house.shop))):
        assert blockers(api, studio) == [None, "Yoga", "booking", "schedule"]
        calendar = api.get(f"/v_space_calendar?space_id=eq.{studio}&order=starts_at").body
        assert [entry["title"] for entry in calendar] == ["Yoga", None, None]
        assert [entry["booking_id"] for entry in calendar] == [None] * 3
    admin = house.admin()
    assert blockers(admin, studio)[:3] == [None, "yoga", "BK-1"]
    calendar = admin.get(f"/v_space_calendar?space_id=eq.{studio}&order=starts_at").body
    assert [entry["title"] for entry in calendar] == ["Yoga", "wedding", "Surprise"]


def test_conflicts_are_for_staff(house: House, studio: int) -> None:
    house.shop.execute("set session_replication_role = replica")
    hire(house.shop, studio, "08:30", "09:00")
    house.shop.execute("set session_replication_role = origin")
    house.shop.execute("select ticketdb.fill_space_occupations()")
    assert len(house.admin().get("/v_space_conflicts").body) == 1
    assert house.buyer(user(house.shop)).get("/v_space_conflicts").body == []
    assert house.visitor().get("/v_space_conflicts").status in (401, 403)
