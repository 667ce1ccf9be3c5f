"""What a run of the bench is asked for, and how much it loads."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# what is being done now, and how many of the part's steps are done
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows that are loaded before something is measured."""

    spread: int  # occurrences that the spread sale is spread over
    definitions: int  # events whose occurrences of a year are generated
    schedules: int  # occurrences there are when availability is read
    history: int  # old reservations
    room: int  # gigabytes that all of it and the log of its changes take


FULL = Sizes(spread=10_000, definitions=1_000, schedules=1_000_000, history=10_000_000, room=10)
QUICK = Sizes(spread=100, definitions=10, schedules=10_000, history=200_000, room=1)


@dataclass(frozen=True, slots=True)
class Options:
    """A run of the bench; `pgbench` is the program."""

    pgbench: Path
    rows: tuple[str, ...]
    clients: tuple[int, ...] = (1, 16, 64, 128)
    seconds: int = 3
    rounds: int = 3
    quick: bool = False

    @property
    def sizes(self) -> Sizes:
        """How much is loaded."""
        return QUICK if self.quick else FULL

    @property
    def warm_up(self) -> int:
        """Seconds at the beginning of a run that do not count."""
        return 0 if self.quick else 1

    @property
    def crowd(self) -> int:
        """The number of clients where only one number of them is measured."""
        return min(64, max(self.clients))
