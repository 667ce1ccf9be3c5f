"""Charts as figures with SVG, for a page that has no script and asks no network."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from html import escape
from math import ceil, floor

Number = int | Decimal

_WIDTH = 960
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# more bars than this are not told apart on paper
_BARS = 92
_NAMES = 20


def by_time(title: str, points: Sequence[tuple[date, Number]]) -> str:
    """A bar for each day, or where these are too many for each month, or year; days without any are zero."""
    days = [day for day, _ in points]
    if not days:
        return ""
    first, last = min(days), max(days)
    length = 10 if (last - first).days < _BARS else 7 if last.year - first.year < _BARS // 12 else 4
    bars: dict[str, Number] = {}
    day = first
    while day <= last:
        bars.setdefault(day.isoformat()[:length], 0)
        day += timedelta(days=1)
    for day, amount in points:
        bars[day.isoformat()[:length]] += amount
    return _columns(title, list(bars.items()))


def by_name(title: str, points: Sequence[tuple[str, Number]]) -> str:
    """A bar for each name, the longest first; the shortest of many become one."""
    bars: dict[str, Number] = {}
    for name, amount in points:
        bars[name] = bars.get(name, 0) + amount
    ranked = sorted(bars.items(), key=lambda bar: (-bar[1], bar[0]))
    if len(ranked) > _NAMES:
        others = ranked[_NAMES - 1 :]
        ranked[_NAMES - 1 :] = [(f"{len(others)} others", sum(amount for _, amount in others))]
    return _rows(title, ranked)


def by_hour(title: str, points: Sequence[tuple[int, int, Decimal | None]]) -> str:
    """A field for each weekday and hour, darker the nearer it is to 1."""
    if not points:
        return ""
    hours = range(min(hour for _, hour, _ in points), max(hour for _, hour, _ in points) + 1)
    wide, high, left, top = min(72, (_WIDTH - 60) // len(hours)), 36, 52, 24
    parts = [_text(left - 10, top + high * n + 23, name, "end") for n, name in enumerate(_WEEKDAYS)]
    # every second where they stand too close
    step = 1 if wide >= 44 else 2
    parts += [
        _text(left + wide * n + wide // 2, 15, f"{hour:02}:00", "middle")
        for n, hour in enumerate(hours)
        if n % step == 0
    ]
    parts += [
        f'<rect x="{left + wide * n}" y="{top + high * weekday}" width="{wide - 2}" height="{high - 2}" '
        'class="none"/>'
        for n in range(len(hours))
        for weekday in range(7)
    ]
    for weekday, hour, share in points:
        if share is None:
            continue
        x, y = left + wide * (hour - hours.start), top + high * (weekday - 1)
        label = f"{share * 100:.0f}%"
        parts.append(
            f'<rect x="{x}" y="{y}" width="{wide - 2}" height="{high - 2}" class="bar" '
            f'fill-opacity="{0.12 + 0.88 * float(share):.3f}"><title>{_WEEKDAYS[weekday - 1]} {hour:02}:00: '
            f"{label}</title></rect>"
        )
        kind = "onto" if share > Decimal("0.55") else "over"
        parts.append(_text(x + wide // 2 - 1, y + 22, label, "middle", kind))
    return _svg(title, left + wide * len(hours), top + high * 7, parts)


def _columns(title: str, bars: Sequence[tuple[str, Number]]) -> str:
    ticks = _ticks(min(0, *(amount for _, amount in bars)), max(0, *(amount for _, amount in bars)))
    low, high = ticks[0], ticks[-1]
    # the last label may reach beyond its bar
    left, right, top, tall = 80, 36, 14, 240
    step = (_WIDTH - left - right) / len(bars)

    def y(amount: Number) -> float:
        return top + tall * float((high - amount) / (high - low))

    parts = []
    for tick in ticks:
        parts.append(
            f'<line x1="{left}" x2="{_WIDTH - right}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" class="grid"/>'
        )
        parts.append(_text(left - 8, round(y(tick)) + 4, f"{tick:,}", "end"))
    # as many labels as fit
    every = -(-len(bars) // 12)
    for n, (label, amount) in enumerate(bars):
        x = left + step * n
        upper, lower = y(max(amount, 0)), y(min(amount, 0))
        parts.append(
            f'<rect x="{x + step * 0.12:.1f}" y="{upper:.1f}" width="{step * 0.76:.1f}" '
            f'height="{lower - upper:.1f}" class="{"bar" if amount >= 0 else "below"}">'
            f"<title>{label}: {amount}</title></rect>"
        )
        if n % every == 0:
            parts.append(_text(round(x + step / 2), top + tall + 20, label, "middle"))
    return _svg(title, _WIDTH, top + tall + 28, parts)


def _rows(title: str, bars: Sequence[tuple[str, Number]]) -> str:
    if not bars:
        return ""
    high = 28
    longest = max(abs(Decimal(amount)) for _, amount in bars) or Decimal(1)
    left, right = 240, 130
    parts = []
    for n, (name, amount) in enumerate(bars):
        y = high * n
        wide = (_WIDTH - left - right) * float(abs(Decimal(amount)) / longest)
        shown = name if len(name) <= 32 else f"{name[:31]}…"
        parts.append(_text(left - 10, y + 19, shown, "end"))
        parts.append(
            f'<rect x="{left}" y="{y + 4}" width="{max(wide, 1):.1f}" height="{high - 8}" '
            f'class="{"bar" if amount >= 0 else "below"}"><title>{escape(name)}: {amount}</title></rect>'
        )
        parts.append(_text(left + round(wide) + 8, y + 19, str(amount), "start"))
    return _svg(title, _WIDTH, high * len(bars), parts)


def _ticks(low: Number, high: Number) -> list[int]:
    """Round numbers from low or below to high or above, four or so."""
    span = max(Decimal(high) - Decimal(low), Decimal(1))
    size = Decimal(10) ** (span / 4).adjusted()
    step = max(Decimal(1), next(size * n for n in (1, 2, 5, 10) if size * n * 5 >= span))
    first, last = floor(low / step), ceil(high / step)
    return [int(step * n) for n in range(first, max(last, first + 1) + 1)]


def _text(x: int, y: int, text: str, anchor: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{style}>{escape(text)}</text>'


def _svg(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    name, inside = escape(title), "\n".join(parts)
    return f"""<figure><figcaption>{name}</figcaption>
<svg viewBox="0 0 {width} {height}" role="img" aria-label="{name}">
{inside}
</svg></figure>"""
