"""A drug history into an SVG drawing: earlier years compressed on the left, the last months day by day on the right."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from textwrap import shorten
from xml.etree import ElementTree as Xml

from cds_service.web.dose_labels import Label, placed
from cds_service.web.drug_history import Bar, History, Look, Row

WIDTH, LABELS, RECENT = 1000, 170, 420  # pixels: whole width, end of the names, start of the recent part
RIGHT, BAR, LINE, FOOT = 850, 16, 14, 30
HEAD, ABOVE, BELOW = 18, 12, 8  # of each look; between rows
SHOWN = 120  # days of the recent part
INK, QUIET, SURE, UNSURE, SHADE, CHANGE = "#1f2933", "#5c6b7a", "#2f6f9f", "#d3e3ee", "#f4e3b5", "#a8321e"


class Scale:
    """Days onto pixels: two straight lines that meet where the recent part begins."""

    def __init__(self, history: History) -> None:
        self.as_of = history.as_of
        self.turn = history.as_of - timedelta(days=SHOWN)
        self.first = min((row.first for row in history.rows), default=self.turn)
        self.has_earlier = self.first < self.turn

    def x(self, day: date) -> float:
        if day >= self.turn or not self.has_earlier:
            days = max(0, (day - self.turn).days)
            return round(RECENT + (RIGHT - RECENT) * min(1.0, days / SHOWN), 1)
        share = (day - self.first).days / max(1, (self.turn - self.first).days)
        return round(LABELS + 8 + (RECENT - LABELS - 16) * share, 1)


def svg(history: History) -> str:
    """A whole SVG document; '' where there is nothing to draw."""
    if not history.rows:
        return ""
    scale = Scale(history)
    rows = [(row, placed(row.bars, scale.x, WIDTH - 4, scale.turn)) for row in history.rows]
    top = 20 + HEAD * len(history.looks)
    height = top + sum(_height(labels) for _, labels in rows) + FOOT
    root = _sheet(history, height)
    _looks(root, history.looks, scale, top, height)
    _axis(root, scale, top, height)
    for row, labels in rows:
        _row(root, row, labels, top, scale)
        top += _height(labels)
    return Xml.tostring(root, encoding="unicode")


def _sheet(history: History, height: int) -> Xml.Element:
    root = Xml.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {WIDTH} {height}", "role": "img", "font-size": "12"})
    root.set("font-family", "system-ui, sans-serif")
    Xml.SubElement(root, "title").text = f"Drug history up to {history.as_of}"
    looks = [f"The last {look.days} days: {look.what}" for look in history.looks]
    Xml.SubElement(root, "desc").text = ". ".join([*(_told(row) for row in history.rows), *looks])
    root.append(_hatching())
    Xml.SubElement(root, "rect", {"width": str(WIDTH), "height": str(height), "fill": "#ffffff"})
    return root


def _height(labels: list[Label]) -> int:
    return ABOVE + BAR + LINE * max((label.line + 1 for label in labels), default=1) + BELOW


def _told(row: Row) -> str:
    return f"{row.name}: " + "; ".join(f"{bar.dose} from {bar.first} to {bar.last}" for bar in row.bars)


def _hatching() -> Xml.Element:
    defs = Xml.Element("defs")
    pattern = Xml.SubElement(defs, "pattern", {"id": "unsure", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"})
    Xml.SubElement(pattern, "rect", {"width": "6", "height": "6", "fill": UNSURE})
    Xml.SubElement(pattern, "path", {"d": "M0 6L6 0", "stroke": SURE, "stroke-width": "1"})
    return defs


def _looks(root: Xml.Element, looks: tuple[Look, ...], scale: Scale, top: int, height: int) -> None:
    """The days that criteria look at, the longest palest; beside them, on a line each, which criterion does and what for."""
    starts = [scale.x(scale.as_of - timedelta(days=look.days)) for look in looks]
    for number, (look, x) in enumerate(zip(looks, starts, strict=True)):
        y = 20 + HEAD * number
        if x not in starts[:number]:
            shade = {"x": str(x), "y": str(y), "width": str(round(RIGHT - x, 1)), "height": str(height - y - FOOT + 8), "fill": SHADE}
            Xml.SubElement(root, "rect", {**shade, "fill-opacity": "0.35"})
            _line(root, x, y, height - FOOT + 8, QUIET, "3 3")
        leader = {"x1": str(starts[0] - 6), "x2": str(x), "y1": str(y), "y2": str(y), "stroke": QUIET}
        Xml.SubElement(root, "line", leader)
        _text(root, starts[0] - 10, y + 4, shorten(f"last {look.days} days, {look.what}", 95, placeholder=" …"), INK, 11, "end")


def _axis(root: Xml.Element, scale: Scale, top: int, height: int) -> None:
    _line(root, RIGHT, 14, height - FOOT + 8, INK)
    _line(root, RECENT, top - 6, height - FOOT + 8, QUIET)
    _text(root, RIGHT, height - 6, f"{scale.as_of}", INK, 11, "end")
    _text(root, RECENT, height - 6, f"{scale.turn}", QUIET, 11)
    if scale.has_earlier:
        _text(root, LABELS + 8, height - 6, f"{scale.first} (earlier days compressed)", QUIET, 11)


def _row(root: Xml.Element, row: Row, labels: list[Label], top: int, scale: Scale) -> None:
    group = Xml.SubElement(root, "g")
    Xml.SubElement(group, "title").text = _told(row)
    _text(group, LABELS - 4, top + ABOVE + 13, row.name if len(row.name) < 26 else row.name[:24] + "…", INK, 13, "end")
    again = _text(group, RIGHT - 6, top + ABOVE - 2, row.name, INK, 11, "end", halo=True)
    again.set("class", "again")  # shown by a page on which the names at the left may be out of sight
    again.set("display", "none")
    for bar in row.bars:
        _bar(group, bar, top + ABOVE, scale)
    changed = {scale.x(after.first) for before, after in pairwise(row.bars) if _is_change(before, after, scale)}
    for label in labels:
        _dose(group, label, top + ABOVE, CHANGE if label.at in changed else QUIET, label.at in changed)
    for day in row.marks:
        x, y = scale.x(day), top + ABOVE + BAR // 2
        _text(group, x - 7, y + 20, f"injection on {day}", CHANGE, 11, halo=True)
        shape = Xml.SubElement(group, "path", {"d": f"M{x} {y - 7}L{x + 7} {y}L{x} {y + 7}L{x - 7} {y}Z", "fill": CHANGE})
        Xml.SubElement(shape, "title").text = f"injection on {day}: no daily dose"


def _is_change(before: Bar, after: Bar, scale: Scale) -> bool:
    """One dose right after another, within the recent part."""
    return before.dose != after.dose and after.first > scale.turn and (after.first - before.last).days <= 1


def _bar(group: Xml.Element, bar: Bar, top: int, scale: Scale) -> None:
    x, end = scale.x(bar.first), scale.x(bar.last + timedelta(days=1))
    # A white edge tells neighbours apart: they are one drug at two doses.
    place = {"x": str(x), "y": str(top), "width": str(max(2.5, round(end - x, 1))), "height": str(BAR)}
    shape = Xml.SubElement(group, "rect", {**place, "fill": SURE if bar.sure else "url(#unsure)", "stroke": "#ffffff"})
    words = f"{bar.dose}, {bar.first} to {bar.last}" + (f" ({bar.why})" if bar.why else "")
    Xml.SubElement(shape, "title").text = words


def _dose(group: Xml.Element, label: Label, top: int, colour: str, is_change: bool) -> None:
    """The dose below its bar; where it stands further down, or is a change, a line leads to it from the day on which it began."""
    y = top + BAR + LINE * (label.line + 1) - 2
    if label.line or is_change:
        _line(group, label.at, top - 4 if is_change else top + BAR, y - 2 if label.line else top + BAR + 3, colour)
    _text(group, label.x + (3 if label.line and label.x == label.at else 0), y, label.words, CHANGE if is_change else INK, 11, halo=True)


def _line(parent: Xml.Element, x: float, top: float, bottom: float, colour: str, dashes: str = "") -> None:
    line = {"x1": str(x), "x2": str(x), "y1": str(top), "y2": str(bottom), "stroke": colour, "stroke-width": "1.5"}
    Xml.SubElement(parent, "line", line | ({"stroke-dasharray": dashes} if dashes else {}))


def _text(
    parent: Xml.Element, x: float, y: float, words: str, colour: str, size: int, anchor: str = "start", halo: bool = False
) -> Xml.Element:
    place = {"x": str(round(x, 1)), "y": str(y), "fill": colour, "font-size": str(size), "text-anchor": anchor}
    if halo:  # so that a line behind it does not cut through
        place |= {"stroke": "#ffffff", "stroke-width": "4", "stroke-opacity": "0.9", "paint-order": "stroke", "stroke-linejoin": "round"}
    text = Xml.SubElement(parent, "text", place)
    text.text = words
    return text
