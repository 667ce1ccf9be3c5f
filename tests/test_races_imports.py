"""Two who import the same event at once: it is there once, as one of them says it, and both are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from race_faults import Fault, plant
from race_helpers import Client, Connect, crowd
from race_shop import Shop

YOGA: dict[str, Any] = {
    "uid": "yoga-1@example.org",
    "title": "Yoga",
    "event_category": "wellness",
    "timezone": "Europe/Paris",
    "starts_at": "2031-03-03T07:00:00",
    "seconds": 3600,
    "rules": ["FREQ=WEEKLY"],
    "exdates": ["2031-03-10T07:00:00", "2031-03-17T07:00:00"],
    "rdates": [{"starts_at": "2031-03-05T07:00:00"}],
}
LATER = YOGA | {"starts_at": "2031-03-03T08:00:00", "exdates": ["2031-03-10T08:00:00"], "rdates": []}
RENAMED = YOGA | {"title": "Yin yoga"}
# what the lock keeps together, and what answers who comes second
NO_LOCK = Fault("ticketdb.save_event", "for no key update", "")
NO_SECOND_LOOK = Fault("ticketdb.save_event", "on conflict do nothing", "")


def take_in(client: Client, event: dict[str, Any]) -> Any:
    return client.ask("select * from public.import_event(%s)", Jsonb(event))


@dataclass
class Race:
    """What became of two imports, of which the first was not yet committed when the second came."""

    shop: Shop
    first: Any
    second: Any

    def events(self) -> list[Any]:
        """What is here of the calendar: titles, first starts, numbers of exceptions."""
        return self.shop.admin.connection.execute(
            """
            select d.title, d.default_start_time::text, d.timezone, (
                select count(*) from public.schedule_exceptions as x where x.event_definition_id = d.id
            )
            from public.event_definitions as d
            where d.calendar_uid is not null
            order by d.event_code
            """
        ).fetchall()


def import_at_once(
    shop: Shop, one: dict[str, Any], other: dict[str, Any], *, end: str = "commit", waits: bool = True
) -> Race:
    first, second = shop.clients(2)
    first.begin()
    answer = take_in(first, one)
    second.start(take_in, second, other)
    assert shop.waits(second, on=first) is waits
    first.ask(end)
    return Race(shop, answer, second.finish())


def check_it_is_there_once(race: Race) -> None:
    assert race.first.result == "created"
    assert race.second == race.first._replace(result="unchanged")
    assert race.events() == [("Yoga", "07:00:00", "Europe/Paris", 3)]


def check_the_second_said_all_of_it(race: Race) -> None:
    assert (race.first.result, race.second.result) == ("updated", "updated")
    assert race.first.event_definition_id == race.second.event_definition_id
    assert race.events() == [("Yin yoga", "07:00:00", "Europe/Paris", 3)]


def check_both_are_there(race: Race) -> None:
    assert (race.first.result, race.second.result) == ("created", "created")
    assert race.first.event_code == "yoga"
    assert race.second.event_code.startswith("yoga-")
    assert [title for title, *_ in race.events()] == ["Yoga", "Yoga"]


def test_second_import_of_a_new_event_finds_it(connect: Connect) -> None:
    check_it_is_there_once(import_at_once(Shop(connect), YOGA, YOGA))


def test_second_import_makes_the_event_when_the_first_rolls_back(connect: Connect) -> None:
    race = import_at_once(Shop(connect), YOGA, YOGA, end="rollback")
    assert race.second.result == "created"
    assert race.events() == [("Yoga", "07:00:00", "Europe/Paris", 3)]


def test_second_import_that_says_something_else_changes_what_the_first_made(connect: Connect) -> None:
    race = import_at_once(Shop(connect), YOGA, LATER)
    assert (race.first.result, race.second.result) == ("created", "updated")
    assert race.events() == [("Yoga", "08:00:00", "Europe/Paris", 1)]


def test_event_that_two_change_is_what_the_second_says_and_no_mixture(connect: Connect) -> None:
    shop = Shop(connect)
    take_in(shop.admin, YOGA)
    check_the_second_said_all_of_it(import_at_once(shop, LATER, RENAMED))


def test_two_events_of_one_title_both_get_a_code(connect: Connect) -> None:
    check_both_are_there(import_at_once(Shop(connect), YOGA, YOGA | {"uid": "yoga-2@example.org"}))


def test_crowd_that_imports_one_event_makes_it_once(connect: Connect) -> None:
    shop = Shop(connect)
    for number in range(5):
        event = YOGA | {"uid": f"{number}@example.org"}
        answers = crowd([lambda c=c, event=event: take_in(c, event) for c in shop.clients(8)])
        assert sorted(answer.result for answer in answers) == ["created"] + ["unchanged"] * 7
        assert len({answer.event_definition_id for answer in answers}) == 1
    assert len(Race(shop, None, None).events()) == 5


def test_event_is_refused_to_the_second_when_nobody_looks_again(connect: Connect) -> None:
    shop = Shop(connect)
    plant(shop, NO_SECOND_LOOK)
    for other, check in (
        (YOGA, check_it_is_there_once),
        (YOGA | {"uid": "yoga-2@example.org"}, check_both_are_there),
    ):
        race = import_at_once(shop, YOGA, other)
        assert race.second.sqlstate == "23505"
        with pytest.raises((AssertionError, AttributeError)):
            check(race)
        shop.admin.ask("delete from public.event_definitions where calendar_uid is not null")


def test_two_calendars_are_mixed_when_the_event_is_not_locked(connect: Connect) -> None:
    shop = Shop(connect)
    take_in(shop.admin, YOGA)
    plant(shop, NO_LOCK)
    race = import_at_once(shop, LATER, RENAMED)
    assert race.events() != [("Yin yoga", "07:00:00", "Europe/Paris", 3)]
    with pytest.raises(AssertionError):
        check_the_second_said_all_of_it(race)
