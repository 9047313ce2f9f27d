"""The kinds of field that a definition's YAML may hold: how each is read from text, and its JSON Schema."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from cds_service.criteria.source import Fault
from cds_service.criteria.suggest import suggestion
from fhir_mappings.dates import Duration
from fhir_mappings.units import parse_threshold

EVER = "ever"


@dataclass(frozen=True, slots=True)
class Names:
    """What a definition may name: value sets by what they hold, groups of them, windows, arms."""

    value_sets: Mapping[str, frozenset[str]]  # id -> resource types
    groups: Mapping[str, tuple[str, ...]]
    windows: Mapping[str, Duration]
    arms: tuple[str, ...]
    questions: tuple[str, ...] = ()  # the ids of the open ones
    meanings: Mapping[str, str] = dataclasses.field(default_factory=dict)  # id -> title of the value sets
    primary: tuple[str, ...] = ()  # the value sets of the node being read, for units


@dataclass(frozen=True, slots=True)
class Window:
    """A look-back: `ever`, or a duration before the evaluation date, with the name it goes by."""

    name: str
    duration: Duration | None

    def __str__(self) -> str:
        return self.name if self.duration is None or not self.name.startswith("P") else str(self.duration)


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold in an analyte's own unit."""

    value: Decimal
    unit: str
    text: str


Reader = Callable[[Any, Names], Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of field: its reader (raises Fault) and its JSON Schema."""

    read: Reader
    schema: Mapping[str, Any]
    nodes: str = ""  # "one" or "many": the field holds criteria nodes and is read by the loader itself
    parts: str = ""  # "items" or "pairs": each part of the value is read by itself, so that a fault is told where the part stands


def declare(kind: Kind, default: Any = dataclasses.MISSING, unit: str = "") -> Any:
    """A dataclass field of this kind. `unit`: what its number counts, for people; a Limit has its own."""
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata={"kind": kind, "unit": unit})
    return dataclasses.field(default=default, metadata={"kind": kind, "unit": unit})


def _text(raw: Any, names: Names) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise Fault("expected text")
    return " ".join(raw.split())


def _flag(raw: Any, names: Names) -> bool:
    if not isinstance(raw, bool):
        raise Fault("expected true or false")
    return raw


def _integer(raw: Any, names: Names) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 0:
        raise Fault("expected a whole number")
    return raw


def _number(raw: Any, names: Names) -> Decimal:
    try:
        if isinstance(raw, bool) or not isinstance(raw, int | float | str):
            raise InvalidOperation
        value = Decimal(str(raw))
    except InvalidOperation:
        raise Fault("expected a number") from None
    if not value.is_finite() or value < 0:
        raise Fault("expected a number of 0 or more")
    return value


def _one_of(choices: tuple[str, ...]) -> Reader:
    def read(raw: Any, names: Names) -> str:
        if raw not in choices:
            raise Fault(f"expected one of {', '.join(choices)}{suggestion(str(raw), choices)}")
        return str(raw)

    return read


def _sets(raw: Any, names: Names) -> tuple[str, ...]:
    """Value-set ids; a group's name stands for its members."""
    found: list[str] = []
    for name in raw if isinstance(raw, list) else [raw]:
        if not isinstance(name, str):
            raise Fault("expected the name of an input, or a list of names")
        if name in names.groups:
            found += names.groups[name]
        elif name in names.value_sets:
            found.append(name)
        else:
            hint = suggestion(name, [*names.value_sets, *names.groups], names.meanings)
            raise Fault(f"unknown input '{name}'{hint}; `cds-service trials inputs --find WORD` searches them")
    if raw == []:
        raise Fault("names no input")
    return tuple(dict.fromkeys(found))


def _duration(raw: Any, names: Names) -> Duration:
    try:
        return names.windows[raw] if raw in names.windows else Duration.parse(str(raw))
    except (ValueError, TypeError):
        raise Fault(
            f"'{raw}' is neither a duration such as P28D or P3M nor a window of this trial{suggestion(str(raw), names.windows)}"
        ) from None


def _window(raw: Any, names: Names) -> Window:
    return Window(EVER, None) if raw == EVER else Window(str(raw), _duration(raw, names))


def _limits(raw: Any, names: Names) -> tuple[Limit, ...]:
    """One threshold, or one for each kind of unit (creatinine, spec 1.4)."""
    found: list[Limit] = []
    if raw == []:
        raise Fault("names no limit")
    if not set(names.primary) & set(names.value_sets):
        return ()  # the unknown input is the fault; its unit can't be judged
    for text in raw if isinstance(raw, list) else [raw]:
        try:
            value, unit = parse_threshold(str(text), names.primary[0])
        except (ValueError, IndexError) as fault:
            raise Fault(str(fault)) from None
        found.append(Limit(value, unit, str(text)))
    return tuple(found)


def _binds(raw: Any, names: Names) -> tuple[tuple[str, str], ...]:
    if not isinstance(raw, dict) or not raw:
        raise Fault("expected arms with decide, review, flag or note each")
    for arm, mode in raw.items():
        if arm not in names.arms:
            raise Fault(f"unknown arm '{arm}'{suggestion(str(arm), names.arms)}", of_key=True)
        if mode not in BINDINGS:
            raise Fault(f"expected one of {', '.join(BINDINGS)} for arm '{arm}'")
    return tuple(sorted(raw.items()))


def _arm(raw: Any, names: Names) -> str:
    if raw not in names.arms:
        raise Fault(f"unknown arm '{raw}'{suggestion(str(raw), names.arms)}")
    return str(raw)


def _raw(raw: Any, names: Names) -> Any:
    return raw


BINDINGS = ("decide", "review", "flag", "note")
WEIGHTS = ("decide", "review", "lean-true", "lean-false", "note")
_NAMES = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
_DURATION = {"type": "string", "description": "ISO 8601 duration (P28D, P8W, P3M, P5Y) or a window of the trial"}

TEXT = Kind(_text, {"type": "string", "minLength": 1})
FLAG = Kind(_flag, {"type": "boolean"})
INTEGER = Kind(_integer, {"type": "integer", "minimum": 0})
NUMBER = Kind(_number, {"type": "number"})
SETS = Kind(_sets, {**_NAMES, "description": "inputs: value-set ids or groups of the trial"}, parts="items")
DURATION = Kind(_duration, _DURATION)
WINDOW = Kind(_window, {**_DURATION, "default": EVER})
LIMITS = Kind(_limits, {**_NAMES, "description": "a threshold with its unit, such as 85 g/L"}, parts="items")
BINDS = Kind(_binds, {"type": "object", "additionalProperties": {"enum": list(BINDINGS)}}, parts="pairs")
ARM = Kind(_arm, {"type": "string"})
NODE = Kind(_raw, {"$ref": "#/$defs/node"}, nodes="one")
NODES = Kind(_raw, {"type": "array", "items": {"$ref": "#/$defs/node"}, "minItems": 1}, nodes="many")


def choice(*choices: str) -> Kind:
    return Kind(_one_of(choices), {"enum": list(choices)})
