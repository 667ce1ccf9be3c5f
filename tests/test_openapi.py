"""The document at `/`, as each role is shown it: all has a title or a description, for those who use it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from factories import rows, value
from house import House
from postgrest import Api

pytestmark = pytest.mark.once
SIGN_IN: dict[str, Callable[[House], Api]] = {
    "visitor": House.visitor,
    "buyer": House.buyer,
    "payment server": House.payment_server,
}
# how it is done, which is nothing to those who call it
MECHANISM = re.compile(r"\bticketdb\.|\b(foreign key|lock|index|snapshot|definer)\b")


@pytest.fixture(params=SIGN_IN)
def document(request: pytest.FixtureRequest, shared_house: House) -> dict[str, Any]:
    """What a role reads at `/`."""
    answer = SIGN_IN[request.param](shared_house).get("/")
    assert answer.status == 200
    document: dict[str, Any] = answer.body
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where each operation is, and what is said of it."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path != "/":
                yield f"{method} {path}", operation


def properties(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each column, and what is said of it by us: PostgREST adds a note on keys."""
    for table, definition in document["definitions"].items():
        yield table, definition.get("description", "")
        for column, schema in definition["properties"].items():
            yield f"{table}.{column}", schema.get("description", "").split("Note:\n")[0].strip()


def texts(document: dict[str, Any]) -> dict[str, str]:
    """All that is said of anything."""
    told = {where: f"{one.get('summary')}\n{one.get('description')}" for where, one in operations(document)}
    return {**told, **dict(properties(document))}


def test_every_operation_has_a_title_and_a_description(document: dict[str, Any]) -> None:
    for where, operation in operations(document):
        title = operation.get("summary", "")
        assert re.fullmatch(r"[A-Z][^.\n]{3,40}", title), where
        assert len(operation.get("description", "")) > len(title), where
    titles = {(one["summary"], tuple(one["tags"])) for _, one in operations(document)}
    assert len({title for title, _ in titles}) == len(titles), "two things have one title"


def test_every_table_and_column_has_a_description(document: dict[str, Any]) -> None:
    assert [where for where, text in properties(document) if not text] == []
    filters = {name: one for name, one in document["parameters"].items() if name.startswith("rowFilter.")}
    assert len(filters) > 0
    assert [name for name, one in filters.items() if not one.get("description")] == []


def test_errors_are_called_by_their_reasons(shared_house: House, document: dict[str, Any]) -> None:
    source = value(
        shared_house.shop, "select prosrc from pg_proc where oid = 'ticketdb.raise_error'::regproc"
    )
    functions = {where.split("/")[-1] for where, _ in operations(document)}
    for where, operation in operations(document):
        _, _, errors = operation["description"].partition("Errors: ")
        # "those of" another function may be among them
        named = set(re.findall(r"\w+_\w+", errors)) - functions
        assert [reason for reason in named if f"'{reason}'" not in source] == [], where
        assert bool(errors) == ("/rpc/" in where and "verify_inventory" not in where), where


def test_nothing_is_said_of_the_inside(shared_house: House, document: dict[str, Any]) -> None:
    inside = rows(
        shared_house.shop,
        """
        select c.relname from pg_class as c where c.relnamespace = 'ticketdb'::regnamespace
        union
        select p.proname from pg_proc as p where p.pronamespace = 'ticketdb'::regnamespace
        """,
    )
    # what is called alike outside: a path, or a column that it shows
    outside = {re.split("[/.]", where)[-1] for where, _ in (*operations(document), *properties(document))}
    names = {name for (name,) in inside if "_" in name} - outside
    assert "seat_buckets" in names
    told = {
        where: text
        for where, text in texts(document).items()
        if MECHANISM.search(text) or names & set(re.findall(r"\w+", text))
    }
    assert told == {}
