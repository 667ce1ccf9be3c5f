"""What a run of the bench found out."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Run:
    """A way of writing with so many clients: transactions a second in each round, and their median."""

    way: str
    clients: int
    rate: float
    rounds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """What was counted after a run, and what was wrong; no problem means all is well."""

    after: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. `wanted` is None where nothing is promised."""

    name: str
    what: str
    against: str
    clients: int | None
    unit: str
    rate: float
    baseline_rate: float
    wanted: float | None

    @property
    def ratio(self) -> float:
        """How many times as fast."""
        return self.rate / self.baseline_rate if self.baseline_rate else 0.0

    @property
    def ok(self) -> bool | None:
        """Whether it is as fast as wanted."""
        return None if self.wanted is None else self.ratio >= self.wanted


@dataclass(slots=True)
class Results:
    """Everything that was measured and checked."""

    machine: dict[str, str | int | float]
    settings: dict[str, object]
    rows: list[Row] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    # parts that could not be measured to their end
    failures: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """What the checks found."""
        return [f"after {check.after}: {problem}" for check in self.checks for problem in check.problems]

    @property
    def missed(self) -> list[Row]:
        """The rows that are slower than wanted."""
        return [row for row in self.rows if row.ok is False]

    def add(self, rows: Iterable[Row], checks: Iterable[Check] = (), runs: Iterable[Run] = ()) -> None:
        """Take in what a part has measured."""
        self.rows += rows
        self.checks += checks
        self.runs += runs
