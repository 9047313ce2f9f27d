"""Counts into SVG: the attrition funnel, and bars in a row. Plain strings, so that the report needs nothing but a browser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Any

Json = dict[str, Any]
_WIDTH, _ROW, _LEFT, _RIGHT = 1000, 26, 350, 220
_COLUMNS = ((65, "fails"), (135, "unknown"), (210, "go on"))
_WEEK, _TALL, _FLOOR = 74, 110, 135  # pixels: the width of a week, the height of the highest bar, where bars stand


def funnel_svg(arm: Json) -> str:
    """One row a criterion in protocol order: of those who reached it, who passed, who is unknown, who failed.

    Criteria whose numbers can't be told apart stand together in one row.
    """
    total, span = arm["inScope"], _WIDTH - _LEFT - _RIGHT
    rows, reached = [], total
    for number, group in enumerate(_groups(arm["criteria"])):
        rows.append(_row(group, 30 + number * _ROW, reached, span / total))
        reached = group[-1]["step"]["remaining"]
    height = 36 + len(rows) * _ROW
    head = f'<text x="{_LEFT}" y="16" class="axis">0</text><text x="{_WIDTH - _RIGHT}" y="16" class="axis end">{number_text(total)}</text>'
    columns = "".join(f'<text x="{_WIDTH - _RIGHT + at}" y="16" class="axis end">{name}</text>' for at, name in _COLUMNS)
    grid = [_LEFT + span * part / 4 for part in range(5)]
    lines = "".join(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="22" y2="{height - 6}" class="grid"/>' for x in grid)
    label = f"Attrition of {escape(arm['title'])}: patients who failed, are unknown, and passed, criterion by criterion"
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{label}">{_HATCH}{head}{columns}{lines}{"".join(rows)}</svg>'


def _groups(criteria: Sequence[Json]) -> list[list[Json]]:
    """Criteria up to the next whose remaining patients are told."""
    groups: list[list[Json]] = [[]]
    for one in criteria:
        groups[-1].append(one)
        if one["step"]["remaining"] is not None:
            groups.append([])
    return [group for group in groups if group]


_HATCH = (
    '<defs><pattern id="withheld" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="7" height="7" class="paper"/><rect width="3" height="7" class="ink"/></pattern></defs>'
)


def _row(group: list[Json], top: int, reached: int | None, scale: float) -> str:
    """`reached` is what the row above left: those whom the row is about."""
    line, step = top + 17, _told(group)
    left = step["remaining"]
    failed = reached - left if reached is not None and left is not None else None
    numbers = "".join(
        f'<text x="{_WIDTH - _RIGHT + at}" y="{line}" class="number {kind}">{number_text(count)}</text>'
        for (at, _), count, kind in zip(_COLUMNS, (failed, step["unknown"], left), ("group-fails", "group-unknown", "left"), strict=True)
    )
    return f"<g>{_name(group, line)}{_bars(step, top, reached, failed, scale)}{numbers}</g>"


def _told(group: list[Json]) -> Json:
    """What is told of criteria together: who is left. Who of them is unknown in the last one alone says nothing of the others."""
    step: Json = group[-1]["step"]
    return step if len(group) == 1 else {**step, "passed": None, "unknown": None}


def _name(group: list[Json], line: int) -> str:
    ids = [one["id"] for one in group]
    if len(ids) == 1:
        name, text = ids[0], _short(group[0]["text"])
    else:
        name, text = f"{ids[0]} to {ids[-1]}", f"{len(ids)} criteria, told together"
    whole = "\n".join(f"{one['id']}: {one['text']}" for one in group)
    place = 52 if len(ids) == 1 else 125
    words = f'<text x="{place}" y="{line}" class="name"><title>{escape(whole)}</title>{escape(text)}</text>'
    return f'<text x="0" y="{line}" class="id">{escape(name)}</text>{words}'


def _bars(step: Json, top: int, reached: int | None, failed: int | None, scale: float) -> str:
    """The parts side by side. Pale: go on, but how many of them are unknown is not told; hatched: nothing is told."""
    if step["remaining"] is None:
        parts = [("withheld", reached)]
    elif step["passed"] is None:
        parts = [("goes-on", step["remaining"]), ("group-fails", failed)]
    else:
        parts = [("group-passes", step["passed"]), ("group-unknown", step["unknown"]), ("group-fails", failed)]
    left, drawn = float(_LEFT), []
    for kind, count in parts:
        if count:
            drawn.append(f'<rect x="{left:.1f}" y="{top + 3}" width="{count * scale:.1f}" height="{_ROW - 8}" class="bar {kind}"/>')
            left += count * scale
    return "".join(drawn)


def bars_svg(bars: Sequence[tuple[str, int | None]], kind: str, label: str) -> str:
    """Upright bars with their counts; a count that is not told is a hatched stump."""
    if not bars:
        return ""
    most = max((count or 0 for _, count in bars), default=0) or 1
    step = min(90, 900 // len(bars))
    height = 170
    drawn = []
    for number, (name, count) in enumerate(bars):
        x, tall = 10 + number * step, 110 * (count if count is not None else most / 12) / most
        look = kind if count is not None else "withheld"
        drawn.append(
            f'<rect x="{x}" y="{135 - tall:.1f}" width="{step - 12}" height="{tall:.1f}" class="bar {look}"/>'
            f'<text x="{x + (step - 12) / 2}" y="{129 - tall:.1f}" class="count">{number_text(count)}</text>'
            f'<text x="{x + (step - 12) / 2}" y="153" class="axis mid">{escape(name)}</text>'
        )
    width = 10 + len(bars) * step
    frame = f'viewBox="0 0 {width} {height}" style="max-width:{width}px" role="img" aria-label="{escape(label)}"'
    return f"<svg {frame}>{_HATCH}{''.join(drawn)}</svg>"


def weeks_svg(spans: Sequence[Json], kind: str, label: str) -> str:
    """Bars as wide as their weeks and as high as their patients a week, so that weeks told together make no peak. Below each its first
    and last day, and how many weeks it is where there are several."""
    if not spans:
        return ""
    weeks = [_weeks(one) for one in spans]
    most = max(one["patients"] / long for one, long in zip(spans, weeks, strict=True)) or 1
    drawn, x = [], 10
    for one, long in zip(spans, weeks, strict=True):
        wide, tall, middle = long * _WEEK - 10, _TALL * one["patients"] / long / most, x + (long * _WEEK - 10) / 2
        lines = [one["from"][5:], f"to {one['to'][5:]}", *([f"{long} weeks"] if long > 1 else [])]
        drawn.append(
            f'<rect x="{x}" y="{_FLOOR - tall:.1f}" width="{wide}" height="{tall:.1f}" class="bar {kind}"/>'
            f'<line x1="{x}" x2="{x + wide}" y1="{_FLOOR}" y2="{_FLOOR}" class="grid"/>'
            f'<text x="{middle}" y="{_FLOOR - 6 - tall:.1f}" class="count">{number_text(one["patients"])}</text>'
            + "".join(f'<text x="{middle}" y="{_FLOOR + 18 + 16 * at}" class="axis mid">{line}</text>' for at, line in enumerate(lines))
        )
        x += long * _WEEK
    frame = f'viewBox="0 0 {x} {_FLOOR + 60}" style="max-width:{x}px" role="img" aria-label="{escape(label)}"'
    return f"<svg {frame}>{''.join(drawn)}</svg>"


def _weeks(span: Json) -> int:
    return ((date.fromisoformat(span["to"]) - date.fromisoformat(span["from"])).days + 1) // 7


def number_text(count: int | None) -> str:
    """With thin spaces between thousands; a dash for what is not told."""
    return "–" if count is None else f"{count:,}".replace(",", "\u202f")


def _short(text: str, most: int = 42) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else words[: words.rfind(" ", 0, most)].rstrip(",;:") + " …"
