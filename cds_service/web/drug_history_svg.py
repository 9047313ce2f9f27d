"""A drug history into an SVG drawing: earlier years compressed on the left, the last months day by day on the right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree as Xml

from cds_service.web.drug_history import Bar, History, Row

WIDTH, LABELS, RECENT = 1000, 170, 420  # pixels: whole width, end of the labels, start of the recent part
RIGHT, TOP, ROW, BAR = 970, 56, 46, 16
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
    height = TOP + ROW * len(history.rows) + 30
    root = Xml.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {WIDTH} {height}", "role": "img", "font-size": "12"})
    root.set("font-family", "system-ui, sans-serif")
    Xml.SubElement(root, "title").text = f"Drug history up to {history.as_of}"
    Xml.SubElement(root, "desc").text = ". ".join(_told(row) for row in history.rows)
    root.append(_hatching())
    Xml.SubElement(root, "rect", {"width": str(WIDTH), "height": str(height), "fill": "#ffffff"})
    scale = Scale(history)
    _windows(root, history, scale, height)
    _axis(root, scale, height)
    for number, row in enumerate(history.rows):
        _row(root, row, TOP + ROW * number, scale)
    return Xml.tostring(root, encoding="unicode")


def _told(row: Row) -> str:
    return f"{row.name}: " + "; ".join(f"{bar.dose} from {bar.first} to {bar.last}" for bar in row.bars)


def _hatching() -> Xml.Element:
    defs = Xml.Element("defs")
    pattern = Xml.SubElement(defs, "pattern", {"id": "unsure", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"})
    Xml.SubElement(pattern, "rect", {"width": "6", "height": "6", "fill": UNSURE})
    Xml.SubElement(pattern, "path", {"d": "M0 6L6 0", "stroke": SURE, "stroke-width": "1"})
    return defs


def _windows(root: Xml.Element, history: History, scale: Scale, height: int) -> None:
    """The days that stability and continuity look at, the longest palest."""
    for number, days in enumerate(sorted(history.windows, reverse=True)):
        x = scale.x(history.as_of - timedelta(days=days))
        shade = {"x": str(x), "y": str(TOP - 14), "width": str(round(RIGHT - x, 1)), "height": str(height - TOP - 4), "fill": SHADE}
        Xml.SubElement(root, "rect", {**shade, "fill-opacity": "0.35"})
        _line(root, x, TOP - 14, height - 18, QUIET, "3 3")
        _text(root, x + 3, TOP - 18 - 13 * (number % 2), f"{days} days", QUIET, 11)


def _axis(root: Xml.Element, scale: Scale, height: int) -> None:
    _line(root, RIGHT, 30, height - 18, INK)
    _text(root, RIGHT, 24, f"{scale.as_of}", INK, 12, "end")
    _text(root, RECENT, height - 4, f"{scale.turn}", QUIET, 11)
    _line(root, RECENT, TOP - 14, height - 18, QUIET)
    if scale.has_earlier:
        _text(root, LABELS + 8, height - 4, f"{scale.first}", QUIET, 11)
        _text(root, LABELS + 8, 24, "earlier, compressed", QUIET, 11)
    _text(root, RIGHT, height - 4, "today" if scale.as_of else "", QUIET, 11, "end")


def _row(root: Xml.Element, row: Row, top: int, scale: Scale) -> None:
    group = Xml.SubElement(root, "g")
    Xml.SubElement(group, "title").text = _told(row)
    _text(group, LABELS - 4, top + 24, row.name if len(row.name) < 26 else row.name[:24] + "…", INK, 13, "end")
    for bar in row.bars:
        _bar(group, bar, top, scale)
    _doses(group, row, top, scale)
    for before, after in pairwise(row.bars):
        if before.dose != after.dose and after.first > scale.turn and (after.first - before.last).days <= 1:
            _change(group, after, top, scale)
    for day in row.marks:
        x, y = scale.x(day), top + 20
        shape = Xml.SubElement(group, "path", {"d": f"M{x} {y - 7}L{x + 7} {y}L{x} {y + 7}L{x - 7} {y}Z", "fill": CHANGE})
        Xml.SubElement(shape, "title").text = f"injection on {day}: no daily dose"


def _bar(group: Xml.Element, bar: Bar, top: int, scale: Scale) -> None:
    x, end = scale.x(bar.first), scale.x(bar.last + timedelta(days=1))
    place = {"x": str(x), "y": str(top + 12), "width": str(max(2.5, round(end - x, 1))), "height": str(BAR)}
    shape = Xml.SubElement(group, "rect", {**place, "fill": SURE if bar.sure else "url(#unsure)", "stroke": SURE})
    words = f"{bar.dose}, {bar.first} to {bar.last}" + (f" ({bar.why})" if bar.why else "")
    Xml.SubElement(shape, "title").text = words


def _doses(group: Xml.Element, row: Row, top: int, scale: Scale) -> None:
    """The dose under each bar that is wide enough for its words, from the newest on."""
    free = float(RIGHT) + 24
    for bar, words in _labels(row):
        width = 6.2 * len(words)
        x = min(scale.x(bar.first), RIGHT + 20 - width)
        if x + width <= free and scale.x(bar.last + timedelta(days=1)) - x >= 14:
            _text(group, x, top + 41, words, INK, 11)
            free = x - 6


def _labels(row: Row) -> Iterator[tuple[Bar, str]]:
    for bar in reversed(row.bars):
        yield bar, bar.dose


def _change(group: Xml.Element, after: Bar, top: int, scale: Scale) -> None:
    x = scale.x(after.first)
    _line(group, x, top + 7, top + 32, CHANGE)
    _text(group, x, top + 6, f"{after.first.day} {after.first:%b}", CHANGE, 11, "middle")


def _line(parent: Xml.Element, x: float, top: float, bottom: float, colour: str, dashes: str = "") -> None:
    line = {"x1": str(x), "x2": str(x), "y1": str(top), "y2": str(bottom), "stroke": colour, "stroke-width": "1.5"}
    Xml.SubElement(parent, "line", line | ({"stroke-dasharray": dashes} if dashes else {}))


def _text(parent: Xml.Element, x: float, y: float, words: str, colour: str, size: int, anchor: str = "start") -> None:
    place = {"x": str(round(x, 1)), "y": str(y), "fill": colour, "font-size": str(size), "text-anchor": anchor}
    Xml.SubElement(parent, "text", place).text = words
