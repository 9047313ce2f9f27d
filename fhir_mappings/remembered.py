"""A function of short texts into one that remembers its answers: charts repeat their wordings. Long texts are read anew and never kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

_LONGEST = 200  # characters: what repeats is short, and what is long may be a note on one patient, or sent to fill the memory
Function = TypeVar("Function", bound=Callable[..., Any])


def remembered(entries: int) -> Callable[[Function], Function]:
    """At most so many answers, each to at most 200 characters in all. The arguments are texts, sets of names, or None."""

    def wrap(function: Function) -> Function:
        known = lru_cache(maxsize=entries)(function)

        @wraps(function)
        def asked(*texts: str | frozenset[str] | None) -> Any:
            return known(*texts) if sum(map(len, filter(None, texts))) <= _LONGEST else function(*texts)

        return cast(Function, asked)

    return wrap
