# Made by tools/unasync.py of ticketdb/_async/calls.py: change that, and run it again.
"""How a call is made: sent, its rows read, sent again where that does no harm, a refusal raised."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import psycopg

from ticketdb import _statements as statements
from ticketdb import errors, retry
from ticketdb._statements import Statement
from ticketdb._sync.sources import Source
from ticketdb._waiting import sleep
from ticketdb.retry import Retry

Row = TypeVar("Row")


class Calls:
    """What the methods of every subject are made with."""

    def __init__(self, source: Source, policy: Retry | None) -> None:
        """Take where connections come from, and when a call is sent again."""
        self._source = source
        self._retry = policy

    def _fetch_one(self, statement: Statement[Row], parameters: Sequence[Any]) -> Row:
        rows = self._fetch_all(statement, parameters)
        return rows[0]

    def _fetch_all(self, statement: Statement[Row], parameters: Sequence[Any]) -> list[Row]:
        failures = 0
        while True:
            try:
                return self._source.fetch(statement, parameters)
            except psycopg.Error as error:
                failures += 1
                pause = self._pause(failures, error, statement, parameters)
                if pause is None:
                    ours = errors.from_database(error)
                    if ours is None:
                        raise
                    raise ours from error
            sleep(pause)

    def _fetch_pages(
        self, page_after: Callable[[Row | None], tuple[Statement[Row], Sequence[Any]]]
    ) -> Iterator[Row]:
        """The rows of a view, read as they are asked for; `page_after` makes the statement for a page."""
        last: Row | None = None
        while True:
            page = self._fetch_all(*page_after(last))
            for last in page:
                yield last
            if len(page) < statements.PAGE:
                return

    def _pause(
        self, failures: int, error: psycopg.Error, statement: Statement[Any], parameters: Sequence[Any]
    ) -> float | None:
        """How long to wait before the call is sent again; None: it is not."""
        policy = self._retry
        if policy is None or failures >= policy.attempts or not retry.is_transient(error):
            return None
        if not statement.may_repeat(parameters):
            return None
        if not self._source.may_repeat(retry.is_lost_connection(error)):
            return None
        return policy.pause(failures)
