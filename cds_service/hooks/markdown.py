"""Any text into GitHub Flavored Markdown that shows exactly that text: no markup, HTML, link or line break comes through."""

from __future__ import annotations

import re

MAX_LENGTH = 120  # a card is read in ten seconds; a record's own words are cut there

# `<` and `&` would begin HTML, `[` and `` ` `` links and code, `|` a table, the rest emphasis.
_ACTIVE = re.compile(r"[\\`*_\[\]<>&|~]")
# GitHub makes links of these by themselves; `@` can't be kept from it by a backslash.
_LINKS = re.compile(r":(?=//)|(?<=www)\.|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)
# What makes a list, a heading or a rule where a line begins.
_OPENING = re.compile(r"^(\d*)([.)](?= |$)|[+-](?= |$)|#+(?= |$)|-(?=[- ]*$))")


def plain(text: str, length: int = MAX_LENGTH) -> str:
    """Escaped, on one line, without control and direction characters, cut to `length` visible characters."""
    printable = text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)
    visible = " ".join(printable.split())
    short = visible if len(visible) <= length else f"{visible[: length - 1].rstrip()}…"
    escaped = _ACTIVE.sub(r"\\\g<0>", short)
    # Without either sign there is no link, and what begins with a letter opens nothing: most texts are spared both searches.
    linkless = (_LINKS.sub(r"\\\g<0>", escaped) if ":" in escaped or "." in escaped else escaped).replace("@", " at ")
    return linkless if linkless[:1].isalpha() else _OPENING.sub(r"\1\\\2", linkless)
