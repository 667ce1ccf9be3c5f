"""What a check of `doctor` says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    check: str
    ok: bool
    finding: str
    next_step: str | None = None


def first(rows: Sequence[Sequence[Any]]) -> str:
    """Name the first few of rows with one column."""
    names = [name for (name,) in rows[:3]]
    return ", ".join([*names, "…"] if len(rows) > len(names) else names)
