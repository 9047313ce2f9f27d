"""A CDS Hooks 2.0 response in, every breach of the specification out (numbers: the normative checklist's)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

_CARD = {
    "uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior", "overrideReasons", "links", "extension",
}  # fmt: skip


def faults(response: Any) -> list[str]:
    """What is wrong with it, in words; nothing where it is right."""
    if not isinstance(response, dict) or not isinstance(response.get("cards"), list):
        return ["30: the response must be an object with an array `cards`"]
    found = [f"30: unknown member {name}" for name in response.keys() - {"cards", "systemActions", "extension"}]
    for name in response.keys() - {"cards"}:  # `cards: []` is the one empty value that has a meaning
        found += empty(response[name], name)
    for position, card in enumerate(response["cards"]):
        found += [f"cards[{position}]: {fault}" for fault in [*empty(card, ""), *_card(card)]]
    return found


def empty(value: Any, path: str) -> Iterator[str]:
    """Rule 2: no null, empty string, array or object anywhere."""
    if value is None or value in ("", [], {}):
        yield f"2: {path or 'value'} is empty"
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from empty(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from empty(inner, f"{path}[{position}]")


def _card(card: Any) -> Iterator[str]:
    if not isinstance(card, dict):
        yield "a card must be an object"
        return
    yield from (f"unknown member {name}" for name in card.keys() - _CARD)
    yield from _texts(card, "33: summary", "summary")
    if isinstance(card.get("summary"), str) and (len(card["summary"]) >= 140 or "\n" in card["summary"]):
        yield "33: summary must be one sentence below 140 characters"
    if card.get("indicator") not in ("info", "warning", "critical"):
        yield "34: indicator must be info, warning or critical"
    yield from _source(card.get("source"))
    if "uuid" in card and not _is(UUID, card["uuid"]):
        yield "36: uuid must be a UUID"
    if "detail" in card and not isinstance(card["detail"], str):
        yield "37: detail must be a string"
    if "suggestions" in card and card.get("selectionBehavior") not in ("at-most-one", "any"):
        yield "38: suggestions need a selectionBehavior"
    for reason in card.get("overrideReasons", []):
        yield from _coding(reason, "39: overrideReasons", ("code", "system", "display"))
    for link in card.get("links", []):
        yield from _link(link)


def _source(source: Any) -> Iterator[str]:
    if not isinstance(source, dict):
        yield "35: source must be an object"
        return
    yield from _texts(source, "35: source.label", "label")
    yield from (f"35: source.{name} must be an absolute URL" for name in ("url", "icon") if name in source and not _absolute(source[name]))
    if "topic" in source:
        yield from _coding(source["topic"], "35: source.topic", ("code", "system"))
        code = source["topic"].get("code", "") if isinstance(source["topic"], dict) else ""
        if not re.fullmatch(r"[A-Za-z0-9]{1,100}", str(code)):
            yield "35: source.topic.code must be alphanumeric and at most 100 long (Epic)"


def _link(link: Any) -> Iterator[str]:
    if not isinstance(link, dict):
        yield "44: a link must be an object"
        return
    for name in ("label", "url", "type"):
        yield from _texts(link, f"44: link.{name}", name)
    if link.get("type") not in ("absolute", "smart"):
        yield "44: link.type must be absolute or smart"
    if not _absolute(link.get("url")):
        yield "44: link.url must be absolute"
    if "appContext" in link and link.get("type") != "smart":
        yield "44: appContext only with smart"


def _coding(coding: Any, where: str, needed: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(coding, dict):
        yield f"{where} must be a Coding"
        return
    for name in needed:
        yield from _texts(coding, f"{where}.{name}", name)


def _texts(of: dict[str, Any], where: str, name: str) -> Iterator[str]:
    if not isinstance(of.get(name), str) or not of[name].strip():
        yield f"{where} must be a non-empty string"


def _absolute(value: Any) -> bool:
    return isinstance(value, str) and bool(urlsplit(value).scheme and urlsplit(value).netloc)


def _is(read: Callable[[Any], object], value: Any) -> bool:
    try:
        read(value)
    except (ValueError, AttributeError, TypeError):
        return False
    return True
