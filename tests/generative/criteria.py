"""Strategies for criteria: random logic trees over the inputs that the generated charts speak of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from cds_service.criteria import fields, vocabulary
from cds_service.criteria.node import Node
from fhir_mappings.dates import Duration

ARMS = ("sle", "iim")
_BY_KEY: dict[str, Any] = vocabulary.BY_KEY
windows = st.sampled_from(
    [fields.Window("ever", None), *(fields.Window(text, Duration.parse(text)) for text in ("P28D", "P56D", "P6M", "P5Y"))]
)
_records = st.sampled_from(
    [("dx.sle",), ("cv.mi",), ("cns.cva",), ("ca.malignancy",), ("vax.live",), ("proc.hemodialysis",), ("ai.ra", "cns.epilepsy")]
)
_tests = st.sampled_from([("lab.ana",), ("lab.dsdna",), ("lab.hiv",), ("lab.igra",), ("lab.hcg",)])
_agents = st.sampled_from([("drug.mmf",), ("drug.mtx", "drug.mmf"), ("drug.rtx",), ("drug.prednisone",), ("drug.bel", "drug.anifro")])
_limits = {
    "lab.hgb": (fields.Limit(Decimal(85), "g/L", "85 g/L"),),
    "lab.wbc": (fields.Limit(Decimal("2.5"), "10*9/L", "2.5 10*9/L"),),
    "lab.iga": (fields.Limit(Decimal(10), "mg/dL", "10 mg/dL"),),
}


def _measure(name: str, side: str, window: Any, pick: str) -> Node:
    return _BY_KEY["measure"](measure=(name,), within=window, pick=pick, **{side: _limits[name]})


def _build(key: str, **parts: Any) -> st.SearchStrategy[Node]:
    """A node of this kind with its own field under its Python name."""
    own = {"not": "not_"}.get(key, key)
    return st.builds(lambda **held: _BY_KEY[key](**{own if name == "own" else name: value for name, value in held.items()}), **parts)


policies = st.sampled_from(["closed", "open", "quiet"])
earlier = st.sampled_from(["clear", "review", "lean-true"])
_RECORDS = (
    _build(
        "record",
        own=_records,
        within=windows,
        policy=policies,
        earlier=earlier,
        strictly=st.booleans(),
        repeats=st.sampled_from(["count", "review"]),
        history=st.sampled_from([(), ("ca.history",)]),
    ),
    _build("record", own=_records, active=st.just(True), policy=policies),
)
_LABS = (
    _build(
        "serology",
        own=_tests,
        within=windows,
        pick=st.sampled_from(["any", "latest"]),
        stale_positive=st.sampled_from(["none", "review", "lean-true"]),
    ),
    st.builds(
        _measure,
        st.sampled_from(sorted(_limits)),
        st.sampled_from(["above", "at_least", "below", "at_most"]),
        windows,
        st.sampled_from(["latest", "worst", "any"]),
    ),
)
_OTHERS = (
    _build(
        "diagnosis",
        own=st.just(("dx.sle",)),
        conflicts=st.sampled_from([(), ("dx.drug_lupus",)]),
        against=st.sampled_from([(), ("dx.cle",)]),
    ),
    _build("first_diagnosed", own=st.just(("dx.ssc", "dx.dcssc")), at_most=st.just(Duration(years=5))),
    _build("under_age", own=st.just(("dx.dm",)), years=st.just(18)),
    _build("allergy", own=st.just(("drug.rtx",))),
    _build(
        "times_upper_limit",
        own=st.sampled_from([("lab.ast",), ("lab.ck",)]),
        above=st.sampled_from([Decimal(1), Decimal(2)]),
        within=windows,
    ),
    _build("under_lower_limit", own=st.just(("lab.hgb",)), within=windows),
    _build("score", own=st.just(("score.mrss",)), at_least=st.just(Decimal(15)), at_most=st.just(Decimal(30)), within=windows),
    _build("graded_domains", own=st.just(("score.bilag",)), grade=st.just("A"), within=windows),
    _build("trend", own=st.just(("score.mrss",)), within=windows, look_back=st.just(Duration(months=6))),
    _build("coded_result", own=st.just(("cv.nyha",)), answers=st.just(("cv.nyha_3_4",)), within=windows),
    _build("future_date", own=st.just(("repro.edd",))),
    _build("exposed", own=_agents, for_=st.sampled_from([Duration(), Duration(months=3)]), agents=st.integers(1, 2)),
    _build("last_dose", own=_agents, within=windows.filter(lambda one: one.duration is not None), policy=policies),
    _build("taking", own=_agents),
    _build("treated_for", own=st.just(("dx.sle",)), by=_agents),
    _build("continuous", own=_agents, for_=st.sampled_from([Duration(days=84), Duration(days=28)])),
    _build("unchanged", own=_agents, for_=st.just(Duration(days=30)), equivalents=st.booleans()),
    _build("daily_dose", own=st.just(("drug.prednisone",)), at_most=st.just(Decimal(40))),
    _build(
        "peak_dose",
        own=st.just(("drug.prednisone",)),
        above_per_kg=st.just(Decimal(1)),
        body_weight=st.just(("lab.weight",)),
        weight_within=st.just(Duration(days=90)),
    ),
    _build("high_dose_days", own=st.just(("drug.prednisone",)), at_least=st.just(Decimal(100)), days=st.just(14), within=windows),
    _build("recovered", own=st.just(("lab.cd19_count",)), since=_agents),
    _build("age", own=st.just(18), below=st.integers(40, 66)),
    _build("anatomy", own=st.sampled_from(["female", "male"])),
    _build("ask", own=st.just("Is it so?"), lean=st.sampled_from(["true", "false", "none"])),
    _build("consent", own=st.just("Signed?")),
    _build(
        "takes_part",
        own=st.just("other"),
        within=st.just(fields.Window("P28D", Duration(days=28))),
        unknown_product=st.just(Duration(months=12)),
    ),
    _build("arm", own=st.sampled_from(ARMS)),
)


def _branches(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several: st.SearchStrategy[tuple[Node, ...]] = st.lists(children, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        _build("all_of", own=several),
        _build("any_of", own=several, weight=st.sampled_from(fields.WEIGHTS)),
        several.flatmap(lambda nodes: _build("at_least", own=st.integers(1, len(nodes)), of=st.just(nodes))),
        _build("not", own=children),
        _build("all_of", own=several, binds=st.just((("iim", "review"), ("sle", "decide")))),
        _build("any_of", own=several, hints=st.lists(children, max_size=2).map(tuple)),
        _build("any_of", own=several, doubted_by=st.lists(children, max_size=2).map(tuple), worth=st.integers(1, 3)),
    )


trees = st.recursive(st.one_of([*_RECORDS, *_LABS, *_OTHERS]), _branches, max_leaves=6)
# Fewer kinds, so that criteria and charts meet more often.
record_trees = st.recursive(st.one_of(_RECORDS), _branches, max_leaves=3)
_WIDE = st.sampled_from([fields.Window("ever", None), fields.Window("P5Y", Duration(years=5))])
_few_tests = _build(
    "serology", own=st.sampled_from([("lab.ana",), ("lab.dsdna",), ("lab.hiv",)]), within=_WIDE, pick=st.sampled_from(["any", "latest"])
)
_few_measures = st.builds(
    _measure, st.sampled_from(["lab.hgb", "lab.iga"]), st.sampled_from(["above", "below"]), _WIDE, st.sampled_from(["latest", "any"])
)
lab_trees = st.one_of(_few_tests, _few_measures, st.recursive(st.one_of(_few_tests, _few_measures), _branches, max_leaves=2))
