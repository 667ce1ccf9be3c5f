"""Which failures pass by themselves, and how long to wait before a call is sent again."""

import random
from dataclasses import dataclass

import psycopg

# what the server says before it hangs up, or while it starts
_HANGING_UP = {"57P01", "57P02", "57P03", "57P05"}
# psycopg's for a connection that broke or could not be made; those of a pool are subclasses, and have waited
_WITHOUT_SQLSTATE = (psycopg.OperationalError, psycopg.errors.ConnectionTimeout)


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a call is sent, the first time included, and the pauses between, in seconds.

    Pauses double from `first_pause` to `longest_pause`; each is cut at random by up to a half, so that
    callers who failed together do not come back together.
    """

    attempts: int = 5
    first_pause: float = 0.05
    longest_pause: float = 2.0

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if self.attempts < 1 or self.first_pause < 0 or self.longest_pause < 0:
            raise ValueError("attempts must be at least 1, and no pause negative")

    def pause(self, failures: int) -> float:
        """How long to wait after so many failures."""
        # a float overflows where a caller wants thousands of attempts
        longest = min(self.longest_pause, self.first_pause * 2.0 ** min(failures - 1, 64))
        return longest * random.uniform(0.5, 1.0)


def is_lost_connection(error: psycopg.Error) -> bool:
    """Whether the connection is gone: nobody knows whether the call was done."""
    if error.sqlstate is None:
        return type(error) in _WITHOUT_SQLSTATE
    return error.sqlstate in _HANGING_UP or error.sqlstate.startswith("08")


def is_transient(error: psycopg.Error) -> bool:
    """Whether the same call may succeed a moment later: a deadlock, or a lost connection."""
    return error.sqlstate == "40P01" or is_lost_connection(error)
