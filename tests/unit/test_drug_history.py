"""The drug history: which bars are drawn, where, and that it can be trusted by eye."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree as Xml

import pytest

from cds_service.web.drug_history import Bar, History, Look, Row, drug_history
from cds_service.web.drug_history_svg import RECENT, RIGHT, SHOWN, WIDTH, Scale, svg
from fhir_mappings.chart import chart_of_bundle
from tests.generative.charts import AS_OF, bundle
from tests.support.engine import engine
from tests.trials import parts as p
from tests.trials.draw_drug_history import PICTURE, history_of, picture

PRED, MMF, MTX = "8640", "68149", "6851"


def history(*items: object) -> History:
    inputs = engine().map(chart_of_bundle(bundle(list(items))), AS_OF)
    return drug_history(inputs, engine().trials["cc312"], engine().terminology.value_sets)


def test_each_drug_is_one_row_and_each_dose_one_bar() -> None:
    """Two orders of one dose are one bar, a change begins another."""
    found = history(p.doses(PRED, 200, 100, 20), p.doses(PRED, 99, 31, 20), p.doses(PRED, 30, None, 15), p.doses(MMF, 300, None, 1000, 2))
    assert [row.name for row in found.rows] == ["mycophenolate", "prednisone"]
    assert [(bar.dose, bar.first, bar.last) for bar in found.rows[1].bars] == [
        ("20 mg a day", p.ago(200), p.ago(31)),
        ("15 mg a day", p.ago(30), AS_OF),
    ]


def test_a_gap_stays_empty() -> None:
    """Days without a record have no bar."""
    (row,) = history(p.doses(PRED, 200, 100, 20), p.doses(PRED, 50, None, 20)).rows
    assert [(bar.first, bar.last) for bar in row.bars] == [(p.ago(200), p.ago(100)), (p.ago(50), AS_OF)]


def test_what_is_uncertain_is_drawn_so() -> None:
    """As needed, unread and no dose are not drawn as certain, and say why."""
    for item, dose in (
        (p.doses(PRED, 100, None, 10, asNeededBoolean=True), "0 to 10 mg a day"),
        (p.takes(PRED, 100) | {"dosage": [{"text": "as directed"}]}, "dose not read"),
        (p.takes(PRED, 100), "no dose"),
    ):
        (row,) = history(item).rows
        assert [(bar.dose, bar.sure) for bar in row.bars] == [(dose, False)]
        assert row.bars[0].why


def test_a_weekly_dose_names_the_dose() -> None:
    """15 mg once a week is told as that, never by the day: methotrexate every day has killed."""
    (row,) = history(p.doses(MTX, 100, None, 15, 1, 7)).rows
    assert row.bars[0].dose == "15 mg a week"


def test_a_dose_on_alternate_days_names_the_dose_and_its_mean() -> None:
    """10 mg every other day is no 5 mg tablet a day."""
    (row,) = history(p.doses(PRED, 100, None, 10, 1, 2)).rows
    assert row.bars[0].dose == "10 mg, 5 mg a day on average"


def test_the_shaded_days_are_those_of_the_definition_and_name_their_criteria() -> None:
    """From the trial's own criteria, longest first; those that ask for the same stand together."""
    assert [(look.days, look.what) for look in history(p.doses(PRED, 100, None, 15)).looks] == [
        (84, "SLE-5, IIM-5, SSC-6: background therapy without a gap"),
        (60, "IIM-5, SSC-6: immunosuppressants unchanged"),
        (30, "SLE-5: glucocorticoids, hydroxychloroquine and immunosuppressants unchanged"),
        (30, "IIM-5, SSC-6: glucocorticoids unchanged"),
    ]


def test_only_the_arms_in_scope_are_shaded() -> None:
    """A patient with lupus is not shown what only myositis looks at; the words stand on the drawing."""
    found = history_of("dose-taper")
    assert [look.days for look in found.looks] == [84, 30]
    assert ">last 84 days, SLE-5: background therapy without a gap<" in svg(found)


def words_of(drawing: str) -> list[tuple[str, float, float, float]]:
    """(words, left, right, y) of each text that is a dose."""
    found = []
    for one in Xml.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text"):
        if "mg" in (one.text or ""):
            left = float(one.get("x", 0))
            found.append((str(one.text), left, left + 5.5 * len(str(one.text)), float(one.get("y", 0))))
    return found


@pytest.mark.parametrize("patient", ["iim-complete", "dose-taper", "dose-pulse", "dose-split", "dose-as-needed", "overlap-sle-ssc"])
def test_every_dose_has_its_words_and_none_lie_on_others(patient: str) -> None:
    """A bar too short for its words has them on a line further down, within the drawing."""
    found = history_of(patient)
    words = words_of(svg(found))
    doses = [bar.dose for row in found.rows for bar in row.bars if "mg" in bar.dose]
    assert sorted(one[0].split(" from ")[0] for one in words) == sorted(doses)
    for text, left, right, y in words:
        assert right < WIDTH
        assert not [one for one in words if one[0] != text and one[3] == y and one[1] < right and left < one[2]]


def test_short_phases_are_all_told_and_the_oldest_of_too_many_are_not() -> None:
    """A taper of a week each: four lines below the bar; what finds no room is told by the bar itself."""
    taper = [p.doses(PRED, 70 - 7 * step, 64 - 7 * step, 60 - 5 * step) for step in range(10)]
    drawing = svg(history(*taper))
    told = [one[0] for one in words_of(drawing)]
    assert any(one.startswith("15 mg a day from ") for one in told)
    assert len(told) < 10
    assert all(f"<title>{60 - 5 * step} mg a day, " in drawing for step in range(10))


def test_a_day_lies_where_its_date_says() -> None:
    """Within the recent part pixels are proportional to days."""
    scale = Scale(history(p.doses(PRED, 400, 300, 15)))
    assert scale.x(AS_OF) == RIGHT
    assert scale.x(AS_OF - timedelta(days=SHOWN)) == RECENT
    assert scale.x(AS_OF - timedelta(days=SHOWN // 2)) == pytest.approx((RIGHT + RECENT) / 2)
    assert scale.x(p.ago(400)) < scale.x(p.ago(300)) < RECENT


def test_nothing_is_drawn_outside_the_frame() -> None:
    """Every rectangle lies within the drawing's width."""
    for name in ("dose-taper", "dose-pulse", "dose-depot", "iim-complete", "background-60-days"):
        for shape in Xml.fromstring(svg(history_of(name))).iter("{http://www.w3.org/2000/svg}rect"):
            left = float(shape.get("x", 0))
            assert left >= 0
            assert left + float(shape.get("width", 0)) <= WIDTH


def test_a_change_in_the_recent_part_is_marked_with_its_day() -> None:
    """The eye finds it."""
    assert f">15 mg a day from {p.ago(10)}<" in svg(history(p.doses(PRED, 300, 11, 20), p.doses(PRED, 10, None, 15)))


def test_no_line_cuts_through_a_dose() -> None:
    """Each has a ground of its own colour over the lines that were drawn before it."""
    texts = [
        one for one in Xml.fromstring(svg(history_of("dose-taper"))).iter("{http://www.w3.org/2000/svg}text") if "mg" in (one.text or "")
    ]
    assert texts
    assert {(one.get("paint-order"), one.get("stroke")) for one in texts} == {("stroke", "#ffffff")}


def test_a_name_stands_again_at_the_last_day_for_narrow_pages() -> None:
    """Hidden, until a page shows it where the names at the left are out of sight."""
    found = [one for one in Xml.fromstring(svg(history_of("dose-taper"))).iter() if one.get("class") == "again"]
    assert [one.text for one in found] == [row.name for row in history_of("dose-taper").rows]
    assert {(one.get("display"), one.get("text-anchor")) for one in found} == {("none", "end")}


def test_a_hostile_name_stays_text() -> None:
    """What a record calls a drug can't become markup."""
    name = "<script>alert(1)</script>"
    drawing = svg(History((Row(name, (Bar(p.ago(50), AS_OF, "5 mg a day", True, "<b>"),)),), (Look(30, "x"),), AS_OF))
    assert "<script" not in drawing
    assert "<b>" not in drawing
    Xml.fromstring(drawing)


def test_without_drugs_there_is_no_drawing() -> None:
    """Nothing to draw, nothing shown."""
    assert svg(history()) == ""


def test_the_picture_in_the_documentation_is_current() -> None:
    """docs/drug-history.svg is what `make docs` draws; a stale picture fails."""
    assert PICTURE.read_text("utf-8") == picture()
