"""Counts into SVG: the attrition funnel, and bars in a row. Plain strings, so that the report needs nothing but a browser."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

Json = dict[str, Any]
_WIDTH, _ROW, _LEFT, _RIGHT = 1000, 26, 330, 250
_KINDS = ("passed", "unknown", "failed")


def funnel_svg(arm: Json) -> str:
    """One row a criterion in protocol order: of those who reached it, who passed, who is unknown, who failed."""
    total = arm["inScope"]
    scale = (_WIDTH - _LEFT - _RIGHT) / total if total else 0
    rows, reached = [], total
    for number, one in enumerate(arm["criteria"]):
        rows.append(_row(one, 30 + number * _ROW, reached, scale))
        reached = one["step"]["remaining"]
    height = 36 + len(rows) * _ROW
    head = f'<text x="{_LEFT}" y="16" class="axis">0</text><text x="{_WIDTH - _RIGHT}" y="16" class="axis end">{number_text(total)} in scope</text>'
    columns = "".join(
        f'<text x="{_WIDTH - _RIGHT + at}" y="16" class="axis end">{name}</text>'
        for at, name in ((75, "failed"), (150, "unknown"), (235, "go on"))
    )
    lines = "".join(
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="22" y2="{height - 6}" class="grid"/>'
        for x in (_LEFT + (_WIDTH - _LEFT - _RIGHT) * part / 4 for part in range(5))
    )
    label = f"Attrition of {escape(arm['title'])}: patients who failed, are unknown, and passed, criterion by criterion"
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{label}">{_HATCH}{head}{columns}{lines}{"".join(rows)}</svg>'


_HATCH = (
    '<defs><pattern id="withheld" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="7" height="7" class="paper"/><rect width="3" height="7" class="ink"/></pattern></defs>'
)


def _row(one: Json, top: int, reached: int | None, scale: float) -> str:
    step = one["step"]
    middle = top + 13
    name = f'<text x="{_LEFT - 12}" y="{middle + 4}" class="name"><title>{escape(one["text"])}</title>{escape(_short(one["text"]))}</text>'
    title = f'<text x="0" y="{middle + 4}" class="id">{escape(one["id"])}</text>{name}'
    numbers = "".join(
        f'<text x="{_WIDTH - _RIGHT + at}" y="{middle + 4}" class="number {kind}">{number_text(step[key])}</text>'
        for at, key, kind in ((75, "failed", "failed"), (150, "unknown", "unknown"), (235, "remaining", "left"))
    )
    return f"<g>{title}{_bars(step, top, reached, scale)}{numbers}</g>"


def _bars(step: Json, top: int, reached: int | None, scale: float) -> str:
    """The parts side by side; what is not told is hatched, as wide as it is known to be."""
    left = float(_LEFT)
    drawn = []
    whole = step["remaining"]
    parts = [(kind, step[kind]) for kind in _KINDS[:2]] if step["passed"] is not None else [("withheld", whole)]
    lost = reached - whole if reached is not None and whole is not None and step["failed"] is not None else 0
    for kind, count in [*parts, ("failed", lost)]:
        if count:
            drawn.append(f'<rect x="{left:.1f}" y="{top + 3}" width="{count * scale:.1f}" height="{_ROW - 8}" class="bar {kind}"/>')
            left += count * scale
    if whole is None and reached:
        drawn.append(f'<rect x="{left:.1f}" y="{top + 3}" width="{reached * scale:.1f}" height="{_ROW - 8}" class="bar withheld"/>')
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
    return f'<svg viewBox="0 0 {width} {height}" style="max-width:{width}px" role="img" aria-label="{escape(label)}">{_HATCH}{"".join(drawn)}</svg>'


def number_text(count: int | None) -> str:
    """With thin spaces between thousands; a dash for what is not told."""
    return "–" if count is None else f"{count:,}".replace(",", "\u202f")


def _short(text: str, most: int = 44) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else words[: words.rfind(" ", 0, most)].rstrip(",;:") + " …"
