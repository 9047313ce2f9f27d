"""Words, signs and colours of statuses, verdicts and tags: one set, readable by everybody, on the demo's pages and in the cohort report."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from cds_service.criteria.evaluation import STATUSES
from cds_service.looks import GROUP_LOOKS, SHOWN_LOOKS, STATUS_LOOKS, TAGS, TONES, VERDICT_LOOKS, style

LEAST = 4.5  # WCAG 2.2, 1.4.3 (AA), for text
PAPERS = ("#ffffff", "#f2f5f6")  # a sheet, and the page under it
SHEETS = {
    "demo": (files("cds_service.web") / "static" / "demo.css").read_text("utf-8"),
    "report": (files("cds_service.cohort") / "report.css").read_text("utf-8"),
}


def test_the_readme_translates_the_words_of_pages_into_those_of_json() -> None:
    """A row a status, in the words that pages show."""
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    rows = "\n".join(f"| {look.words} | `{look.id}` | {look.means} |" for look in STATUS_LOOKS.values())
    assert f"|---|---|---|\n{rows}\n\n" in readme


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_is_that_of_the_standard() -> None:
    """Black on white is 21, and the grey that is just readable on white is #767676."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") >= LEAST > contrast("#777777", "#ffffff")


@pytest.mark.parametrize("tone", TONES, ids=lambda tone: tone.id)
def test_every_tone_can_be_read(tone) -> None:
    """As text on its own pale ground, on a sheet and on the page."""
    assert min(contrast(tone.ink, ground) for ground in (tone.ground, *PAPERS)) >= LEAST


@pytest.mark.parametrize("name", SHEETS)
def test_the_other_texts_can_be_read(name: str) -> None:
    """Ink, and the softer text for what matters less, of both style sheets."""
    texts = re.findall(r"--(?:ink|soft|faint): ?(#[0-9a-f]{6})", SHEETS[name])
    assert len(texts) >= 2
    assert min(contrast(text, ground) for text in texts for ground in PAPERS) >= LEAST


@pytest.mark.parametrize("name", SHEETS)
def test_no_style_sheet_has_colours_of_its_own_for_them(name: str) -> None:
    """Neither defines a tone nor says which look has which."""
    names = "|".join(tone.id for tone in TONES)
    assert re.findall(rf"--(?:{names})(?:-soft)?:|--[cs]:", SHEETS[name]) == []


def test_every_status_and_verdict_has_words_a_sign_and_a_colour_of_its_own() -> None:
    """Nothing is told by colour alone, and no two statuses look or read alike."""
    assert tuple(STATUS_LOOKS) == STATUSES
    tones = {tone.id for tone in TONES}
    for looks in (tuple(SHOWN_LOOKS.values()), GROUP_LOOKS, tuple(VERDICT_LOOKS.values())):
        assert {look.tone for look in looks} <= tones
        for part in ("sign", "words", "tone"):
            assert len({getattr(look, part) for look in looks}) == len(looks), part


def test_the_style_has_the_colours_of_every_look() -> None:
    """Each class that the pages use, once."""
    classes = re.findall(r"\.((?:status|group)-[a-z-]+)\{", style())
    wanted = [*(f"status-{name}" for name in SHOWN_LOOKS), *(f"group-{look.id}" for look in GROUP_LOOKS), "group-unknown"]
    assert sorted(classes) == sorted(wanted)


def test_every_tag_of_the_pages_is_explained() -> None:
    """A class of a tag in a template is an entry of the legend, which says what it means in a sentence without codes."""
    pages = [(files("cds_service.web") / "templates" / f"{name}.html").read_text("utf-8") for name in ("criterion", "patient", "patients")]
    used = {name for page in pages for name in re.findall(r"badge-([a-z]+)", page)}
    assert used <= set(TAGS)
    assert all(len(tag.means.split()) > 5 for tag in TAGS.values())
