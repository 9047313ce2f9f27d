"""What comes from a chart is shown on the card and does nothing there."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cds_service.hooks.markdown import MAX_LENGTH, plain

# As an EHR might, with HTML let through.
RENDER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def rendered(text: str) -> str:
    """The HTML of a list item that holds the text."""
    return str(RENDER.render(f"- {plain(text)}")).strip()


def words(html: str) -> str:
    """What is left of HTML when its own tags are taken away."""
    return " ".join(unescape(re.sub(r"</?(?:ul|li|p)>", "", html)).split())


@pytest.mark.rule("37")
@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[click](https://evil.example)", "![x](https://evil.example/x.png)",
        "[x]: https://evil.example", "<https://evil.example>", "**bold** _em_ ~~no~~", "`code`", "# heading", "## heading", "- item",
        "+ item", "1. item", "2) item", "---", "- - -", "> quote", "a | b", "&lt;b&gt;", "&#60;", "\\", "\\<b>", "***", "___", "===",
    ],
)  # fmt: skip
def test_markup_is_shown_as_it_was_written(text: str) -> None:
    """No tag of any kind comes of it, and the reader sees the very characters."""
    html = rendered(text)
    assert re.sub(r"</?(?:ul|li)>", "", html).count("<") == 0
    assert words(html) == text


@pytest.mark.parametrize(
    "text", ["see https://evil.example", "HTTP://x.example", "www.evil.example", "mailto:a", "xmpp:a", "ann@x.example"]
)
def test_github_finds_no_link(text: str) -> None:
    """Its own link patterns do not match what is written: a scheme's colon and `www.` are escaped, an @ is spelt out."""
    assert not re.search(r"https?://|www\.|mailto:|xmpp:|@", plain(text), re.IGNORECASE)


@pytest.mark.parametrize("text", ["a\n\n# b", "a\r\nb", "a\tb", "a\u2028b", "a\u202eb", "a\x00b", "a  b"])
def test_it_stays_on_one_line_and_in_its_direction(text: str) -> None:
    """Line breaks, control and direction characters become a blank."""
    assert re.fullmatch(r"a (# )?b", plain(text))


@pytest.mark.parametrize("text", ["ANA titre 1:640", "2026-11-20", "0.5 g (24 h)", "anti-dsDNA +", "IgA 1.2 g/L", "HLA-B27"])
def test_ordinary_words_are_left_as_they_are(text: str) -> None:
    """A client that shows the text unrendered shows no backslashes without need."""
    assert plain(text) == text


def test_a_long_text_is_cut() -> None:
    """With a sign that it was."""
    assert plain("x" * 500) == "x" * (MAX_LENGTH - 1) + "…"
    assert plain("x" * MAX_LENGTH) == "x" * MAX_LENGTH


@pytest.mark.rule("37")
@given(st.text(alphabet=st.sampled_from("\\`*_{}[]()<>#+-.!|~&;:/w= \n1a\"'"), max_size=24))
def test_no_mixture_of_signs_becomes_markup(text: str) -> None:
    """Whatever signs are put together, the rendered item holds no tag and says the same."""
    html = rendered(text)
    assert re.sub(r"</?(?:ul|li|p)>", "", html).count("<") == 0
    assert words(html) == " ".join(text.split())
