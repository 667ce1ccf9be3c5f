"""The daily round, the application's own data, and the count of everything."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MaintenanceJob:
    """A job of the daily round: scheduled, or else what to do instead."""

    job_name: str
    schedule: str
    command: str
    is_scheduled: bool
    next_step: str | None


@dataclass(frozen=True, slots=True)
class LinkStep:
    """A step of `link_legacy_data` and the number of rows it linked."""

    step: str
    rows: int


@dataclass(frozen=True, slots=True)
class InventoryProblem:
    """A counter that differs from the rows it stands for.

    `schedule_id` is None where a booking has a space wrongly, and for a pass, which is of no one occurrence.
    """

    schedule_id: int | None
    problem: str
    expected: int
    actual: int
