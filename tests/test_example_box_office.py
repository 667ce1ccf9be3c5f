"""examples/box_office.html in a browser, against PostgREST: from the list to the ticket, and refusals."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import box_office as example
import npm
import psycopg
import pytest
from browser import BoxOffice, chromium
from example_servers import payment_login, running
from factories import (
    NEXT_WEEK,
    assert_sound,
    call,
    define,
    lapse,
    reserve,
    rows,
    schedule,
    sell,
    status,
    user,
    value,
)
from house import SECRET, open_house
from postgrest import HOST
from selenium import webdriver
from starlette.applications import Starlette

EXAMPLES = Path(example.__file__).parent
AXE = EXAMPLES / "node_modules" / "axe-core" / "axe.min.js"
ASHA = "asha.rao@example.org"
pytestmark = pytest.mark.once


@dataclass
class Venue:
    """A shop with a box office on the web; `shop` is the owner's connection."""

    shop: psycopg.Connection
    browser: webdriver.Chrome
    address: str

    def visit(self) -> BoxOffice:
        return BoxOffice(self.browser, self.address)

    def visit_as(self, email: str = ASHA) -> BoxOffice:
        page = self.visit()
        page.sign_in(email)
        return page

    def only_order(self) -> int:
        return value(self.shop, "select id from public.ticket_reservations")


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    """One browser for all tests: each has a box office of its own at another address."""
    npm.install(EXAMPLES)
    with chromium() as browser:
        yield browser


@pytest.fixture
def venue(
    browser: webdriver.Chrome,
    program: str,
    db: str,
    connect: Callable[..., psycopg.Connection],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Venue]:
    """A venue with one known buyer."""
    shop = connect()
    user(shop, username=ASHA)
    with open_house(program, db, shop) as house, payment_login(shop, db) as payment_server:

        def box_office(address: str) -> Starlette:
            monkeypatch.setenv("BOX_OFFICE_URL", address)
            monkeypatch.setenv("POSTGREST_URL", f"http://{HOST}:{house.api.port}")
            monkeypatch.setenv("JWT_SECRET", SECRET)
            monkeypatch.setenv("TICKETDB_DSN", payment_server)
            return example.from_environment()

        with running(box_office) as address:
            yield Venue(shop, browser, address)
    assert_sound(shop)


def test_buyer_goes_from_the_list_to_tickets_that_the_door_admits(venue: Venue) -> None:
    show = schedule(venue.shop, define(venue.shop, title="Sitar at Dusk", default_ticket_price=1200))
    page = venue.visit()
    page.sees(f"#show-{show}", "Sitar at Dusk")
    page.sees(f"#show-{show} .price", "₹1,200")
    page.sees(f"#show-{show} .left", "5 of 5 left")
    page.sign_in(ASHA)
    page.reserve(show, 2)
    page.sees(".order.held .pay", "Pay ₹2,400")
    page.sees(".order.held .clock", "14:")
    page.sees(f"#show-{show} .left", "3 of 5 left")
    page.click(".order.held .pay")
    page.sees(".order.confirmed", "Paid")
    codes = page.codes()
    assert len(set(codes)) == 2
    assert [call(venue.shop, "check_in", code).result for code in codes] == ["admitted"] * 2
    assert page.complaints() == []


def test_visitor_is_asked_to_sign_in_before_he_reserves(venue: Venue) -> None:
    show = schedule(venue.shop)
    page = venue.visit()
    page.reserve(show)
    page.sees("#news", "Sign in")
    assert page.browser.switch_to.active_element == page.find("#email")
    assert rows(venue.shop, "select from public.ticket_reservations") == []


def test_buyer_who_is_not_known_is_told_so(venue: Venue) -> None:
    show = schedule(venue.shop)
    page = venue.visit_as("nobody@example.org")
    page.reserve(show)
    page.sees(f"#show-{show} .told", "another address")


def test_who_comes_second_reads_how_many_are_left(venue: Venue) -> None:
    show = schedule(venue.shop)
    page = venue.visit_as()
    sell(venue.shop, show, 3)
    page.reserve(show, 5)
    page.sees(f"#show-{show} .told", "Only 2 left")
    page.sees(f"#show-{show} .left", "2 of 5 left")


def test_sold_out_show_cannot_be_chosen(venue: Venue) -> None:
    show = schedule(venue.shop)
    page = venue.visit_as()
    sell(venue.shop, show, 5)
    page.reserve(show)
    page.sees(f"#show-{show} .told", "sold out")
    page.sees(f"#show-{show} .left", "Sold out")
    assert not page.find(f"#show-{show} button").is_enabled()


def test_limits_and_sales_that_open_later_are_told(venue: Venue) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    later = schedule(venue.shop, define(venue.shop, sales_open_at=soon))
    limited = schedule(venue.shop, define(venue.shop, limit_per_user=1))
    page = venue.visit_as()
    page.sees(f"#show-{later} .left", "On sale from")
    assert not page.find(f"#show-{later} button").is_enabled()
    page.reserve(limited, 2)
    page.sees(f"#show-{limited} .told", "You have 0 of the 1 ticket")


def test_answer_that_was_lost_is_asked_for_again_without_a_second_hold(venue: Venue) -> None:
    show = schedule(venue.shop)
    page = venue.visit_as()
    page.lose_an_answer("/rpc/reserve_tickets")
    page.reserve(show, 2)
    page.sees(f"#show-{show} .told", "cannot be reached")
    page.reserve(show, 2)
    page.sees("#news", "2 tickets held")
    assert status(venue.shop, venue.only_order()) == "held"


def test_hold_whose_answer_was_lost_and_that_was_given_up_is_no_answer_to_the_next_wish(venue: Venue) -> None:
    show = schedule(venue.shop)
    page = venue.visit_as()
    page.lose_an_answer("/rpc/reserve_tickets")
    page.reserve(show, 2)
    page.sees(".order", "left to pay")
    page.click(".order .release")
    page.sees("#news", "back on sale")
    page.reserve(show, 2)
    page.sees("#news", "2 tickets held")
    orders = rows(venue.shop, "select status from public.ticket_reservations order by id")
    assert orders == [("released",), ("held",)]


def test_hold_outlives_a_reload_and_can_be_given_up(venue: Venue) -> None:
    show = schedule(venue.shop)
    page = venue.visit_as()
    page.reserve(show)
    page.sees(".order", "left to pay")
    page.read_again()
    page.sees(".order", "left to pay")
    page.click(".order .release")
    page.sees("#news", "back on sale")
    page.sees(f"#show-{show} .left", "5 of 5 left")
    assert status(venue.shop, venue.only_order()) == "released"


def test_hold_that_runs_out_is_told(venue: Venue) -> None:
    show = schedule(venue.shop)
    page = venue.visit_as()
    page.reserve(show)
    page.sees(".order", "left to pay")
    page.go_forward(minutes=14)
    page.sees(".order .clock", "0:")
    page.go_forward(minutes=1)
    page.sees(".order", "The hold has run out")
    lapse(venue.shop, venue.only_order())
    page.read_again()
    page.sees(".order", "The hold has run out")
    page.sees(f"#show-{show} .left", "5 of 5 left")


def test_who_pays_too_late_reads_that_the_money_goes_back(venue: Venue) -> None:
    show = schedule(venue.shop, max_tickets=1)
    page = venue.visit_as()
    page.reserve(show)
    page.sees(".order", "left to pay")
    lapse(venue.shop, venue.only_order())
    sell(venue.shop, show)
    page.click(".order .pay")
    page.sees(".order.refund_due", "₹100 goes back")
    page.sees("#news", "goes back")


def test_other_buyers_orders_are_not_shown(venue: Venue) -> None:
    show = schedule(venue.shop)
    reserve(venue.shop, show, user_id=user(venue.shop, username="ravi@example.org"))
    page = venue.visit_as()
    page.sees("#none", "Reserve")
    assert page.text("#orders") == ""


# title, type, price, seats, sold, days from the first, start and end
PROGRAMME: list[tuple[str, str, int, int, int, int, str, str]] = [
    ("Morning Yoga Session", "yoga", 0, 30, 12, 0, "07:00", "08:00"),
    ("Sitar at Dusk", "concert", 1200, 120, 61, 0, "18:30", "20:30"),
    ("Stand-up at Eight", "comedy", 499, 80, 77, 1, "20:00", "22:00"),
    ("Kathak for Beginners", "workshop", 850, 16, 16, 2, "11:00", "13:00"),
    ("The Jungle Book, for all ages", "theatre", 350, 150, 38, 2, "16:00", "17:45"),
]


def test_page_keeps_nobody_out_light_or_dark_on_a_desk_or_a_telephone(venue: Venue) -> None:
    shows = [
        schedule(
            venue.shop,
            define(venue.shop, title=title, event_type=kind, default_ticket_price=price),
            schedule_date=NEXT_WEEK + timedelta(days=day),
            start_time=start,
            end_time=end,
            max_tickets=seats,
        )
        for title, kind, price, seats, _, day, start, end in PROGRAMME
    ]
    for show, (_, _, _, _, sold, *_) in zip(shows, PROGRAMME, strict=True):
        sell(venue.shop, show, sold)
    page = venue.visit_as()
    page.width(1280, 860, scale=2)
    page.reserve(shows[1], 2)
    page.sees(".order .pay", "Pay ₹2,400")
    page.click(".order .pay")
    page.sees(".order.confirmed", "Paid")
    page.reserve(shows[4], 3)
    page.sees(".order.held .pay", "Pay ₹1,050")
    picture = os.environ.get("TICKETDB_TEST_SCREENSHOT")
    if picture:
        page.whole(picture)
    for dark in (False, True):
        page.dark(dark)
        for width in (1280, 360):
            page.width(width)
            assert page.barriers(AXE) == []
            assert page.browser.execute_script("return document.documentElement.scrollWidth") <= width
            assert len(page.codes()) == 2
