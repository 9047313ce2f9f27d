"""Markdown into a self-contained page: no script, nothing from elsewhere, readable on paper."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from importlib.resources import files

from markdown_it import MarkdownIt

_STYLE = (files("cds_service") / "sheet.css").read_text("utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# Only its own style; the hash lets exactly that through.
POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


# `<` and `&` would begin HTML, `[` and `` ` `` links and code, `|` a cell, the rest emphasis.
_ACTIVE = re.compile(r"[\\`*_\[\]<>&|~]")


def text(words: object) -> str:
    """Any words on one line of Markdown or in a cell of a table, without markup of their own."""
    return _ACTIVE.sub(r"\\\g<0>", " ".join(str(words).split()))


def code(words: object) -> str:
    """A name or template as code; in a cell of a table too."""
    return "`" + " ".join(str(words).split()).replace("`", "'").replace("|", "\\|") + "`"


def page(title: str, markdown: str) -> str:
    """The HTML. HTML within the Markdown is shown as text."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"{_MARKDOWN.render(markdown)}</main>\n</body>\n</html>\n"
    )
