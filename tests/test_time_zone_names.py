"""The hint at the right name, where a time zone is not an IANA name."""

from __future__ import annotations

import psycopg
import pytest
from factories import define, expect_error, value


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("america/new_york", "America/New_York"),
        ("America/New York", "America/New_York"),
        ("new york", "America/New_York"),
        (" Asia/Kolkata", "Asia/Kolkata"),
        ("posix/Asia/Kolkata", "Asia/Kolkata"),
        ("kolkata", "Asia/Kolkata"),
        ("EST", "America/New_York"),
        ("IST", "Asia/Kolkata"),
        ("CET", "Europe/Paris"),
        ("Japan", "Asia/Tokyo"),
        ("Singapore", "Asia/Singapore"),
        ("utc", "UTC"),
        ("+5", "Etc/GMT-5"),
        ("UTC-11", "Etc/GMT+11"),
        ("+00:00", "UTC"),
        ("+05:30", "Asia/Kolkata"),
        ("+0530", "Asia/Kolkata"),
        ("GMT+5:30", "Asia/Kolkata"),
        ("UTC +05:45", None),
        ("+0500", "Etc/GMT-5"),
        ("+10", "Etc/GMT-10"),
        ("-0330", None),
        ("+15", None),
        ("Mars/Olympus", None),
        ("localtime", None),
        ("", None),
        (None, None),
    ],
)
def test_the_refusal_names_the_zone_that_was_meant(
    tx: psycopg.Connection, written: str | None, meant: str | None
) -> None:
    with expect_error(tx, "PT400", "invalid_argument", timezone=written, meant=meant):
        define(tx, timezone=written)
    if meant is not None:
        define(tx, timezone=meant)


@pytest.mark.parametrize("name", ["Asia/Calcutta", "US/Eastern", "Europe/Kiev", "Etc/GMT-5", "Etc/UTC"])
def test_name_that_the_iana_keep_as_a_link_is_kept_as_it_was_given(tx: psycopg.Connection, name: str) -> None:
    event = define(tx, timezone=name)
    assert value(tx, "select timezone from event_definitions where id = %s", event) == name
