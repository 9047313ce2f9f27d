"""The published counts of a funnel against an attacker who knows how they lie to one another and solves for what is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from cds_service.cohort import privacy
from cds_service.cohort.funnel import _alone, _steps
from cds_service.cohort.heads import shown_heads
from cds_service.cohort.privacy import Publisher, box
from cds_service.cohort.tally import ArmTally

CRITERIA = 4
WORDS = ("not-met", "unknown", "met")
ATOMS = list(product(range(3), repeat=CRITERIA))
LIMITS = list(product(range(1, 8), repeat=CRITERIA))
BOXES = np.array([[all(limit >> place & 1 for limit, place in zip(one, atom, strict=True)) for atom in ATOMS] for one in LIMITS], float)


@st.composite
def populations(draw: st.DrawFn) -> list[tuple[int, ...]]:
    """A few kinds of patients, each many times: the counts that a funnel has, small ones among large ones."""
    kinds = draw(st.lists(st.tuples(*[st.sampled_from([0, 1, 2])] * CRITERIA), min_size=1, max_size=9))
    return [kind for kind in kinds for _ in range(draw(st.integers(1, 9)))]


def _row(places: tuple[int, ...]) -> dict:
    criteria = [
        {"id": f"C{number}", "verdict": WORDS[place], "decisive": False, "open": None, "get": None} for number, place in enumerate(places)
    ]
    return {"id": "a", "status": "ineligible" if 0 in places else "needs-data", "recheckOn": None, "criteria": criteria}


def _published(people: list[tuple[int, ...]], threshold: int) -> Iterator[tuple[np.ndarray, int]]:
    """(which atoms, how many) of each number that a reader of the tables sees."""
    tally = ArmTally(tuple(f"C{number}" for number in range(CRITERIA)))
    for one in people:
        tally.add({"age": 40, "sex": "female"}, _row(one), date(2026, 11, 22))
    publisher = Publisher(CRITERIA, threshold)
    if not publisher.offer((box(CRITERIA), tally.in_scope)):
        return
    yield _mask(lambda atom: True), tally.in_scope
    for number, (step, alone) in enumerate(zip(_steps(tally, publisher), _alone(tally, publisher), strict=True)):
        for name, places in (("failed", {0}), ("unknown", {1}), ("passed", {2}), ("remaining", {1, 2})):
            if step[name] is not None:
                yield _mask(lambda atom, n=number, p=places: 0 not in atom[:n] and atom[n] in p), step[name]
            if alone.get(name) is not None:
                yield _mask(lambda atom, n=number, p=places: atom[n] in p), alone[name]


def _mask(holds) -> np.ndarray:
    return np.array([holds(atom) for atom in ATOMS], dtype=float)


def _truth(people: list[tuple[int, ...]]) -> np.ndarray:
    return np.array([people.count(atom) for atom in ATOMS], dtype=float)


@settings(max_examples=400, deadline=None)
@given(populations(), st.sampled_from([2, 3, 5, 10]))
def test_no_sum_or_difference_of_published_counts_is_small(people: list[tuple[int, ...]], threshold: int) -> None:
    """No group of patients that the verdicts describe has a count from 1 to the threshold that linear algebra gives."""
    shown = list(_published(people, threshold))
    if not shown:
        return
    equations, counts = np.array([one for one, _ in shown]), np.array([count for _, count in shown], dtype=float)
    possible = ~(equations[counts == 0].any(axis=0)) if (counts == 0).any() else np.ones(len(ATOMS), bool)
    known, asked = equations[:, possible], BOXES[:, possible]
    _, sizes, basis = np.linalg.svd(known, full_matrices=False)
    basis = basis[sizes > 1e-9]
    solved = np.abs(asked - asked @ basis.T @ basis).max(axis=1) < 1e-7
    values = BOXES @ _truth(people)
    small = (values >= 1) & (values <= threshold) & solved
    assert not small.any(), [(shown_count, count) for shown_count, count in zip(values[small], BOXES[small], strict=True)][:1]


def _bands(truth: np.ndarray, threshold: int) -> tuple[np.ndarray, np.ndarray]:
    """What the tables say of numbers that they do not tell: so many at least."""
    failing = [_mask(lambda atom, n=n: atom[n] == 0) for n in range(CRITERIA)]
    only = [_mask(lambda atom, n=n: atom[n] == 0 and atom.count(0) == 1) for n in range(CRITERIA)]
    lower = [float(privacy.at_least(int(cell @ truth), threshold)) for cell in failing + only]
    return -np.array(failing + only), -np.array(lower)


@settings(max_examples=60, deadline=None)
@given(populations(), st.sampled_from([3, 10]))
def test_no_small_count_is_pinned_by_bounds(people: list[tuple[int, ...]], threshold: int) -> None:
    """With nonnegative counts as well, no small cell of the tables is left a single value."""
    shown = list(_published(people, threshold))
    truth = _truth(people)
    cells = [_mask(lambda atom, n=n, p=p: 0 not in atom[:n] and atom[n] == p) for n in range(CRITERIA) for p in range(3)]
    cells += [_mask(lambda atom, n=n, p=p: atom[n] == p) for n in range(CRITERIA) for p in range(3)]
    for cell in cells:
        if shown and 1 <= cell @ truth <= threshold:
            equations, counts = np.array([one for one, _ in shown]), np.array([count for _, count in shown])
            above, limits = _bands(truth, threshold)
            low, high = (linprog(sign * cell, A_ub=above, b_ub=limits, A_eq=equations, b_eq=counts, bounds=(0, None)) for sign in (1, -1))
            assert -high.fun - low.fun > 0.5


@given(st.lists(st.integers(0, 30), min_size=1, max_size=14), st.integers(1, 12))
def test_neighbours_are_merged_until_none_is_small(cells: list[int], threshold: int) -> None:
    """Merged groups cover the row in order, lose nobody and hold no small count."""
    groups = privacy.merged(cells, threshold)
    if groups:
        assert [number for first, last, _ in groups for number in range(first, last + 1)] == list(range(len(cells)))
        assert all(count == sum(cells[first : last + 1]) and (count == 0 or count > threshold) for first, last, count in groups)
    else:
        assert 0 < sum(cells) <= threshold


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 30), max_size=8), st.integers(1, 12), st.integers(0, 20))
def test_what_is_left_of_a_total_is_not_small(parts: dict[str, int], threshold: int, rest: int) -> None:
    """Of disjoint groups so many are shown that the others together are none, or enough."""
    total = sum(parts.values()) + rest
    kept = privacy.disjoint(parts.items(), total, threshold)
    left = total - sum(count for _, count in kept)
    assert all(count > threshold for _, count in kept)
    assert not kept or left == 0 or left > threshold


@pytest.mark.parametrize(
    ("cells", "total", "shown"), [([11, 20], 31, True), ([10, 21], 31, False), ([11, 11], 30, False), ([0, 31], 31, True)]
)
def test_parts_are_shown_together_or_not_at_all(cells: list[int], total: int, shown: bool) -> None:
    """One small part, or a small rest, hides all of them: else the total would give it away."""
    assert (privacy.partition(cells, total, 10) == cells) is shown


GROUPS = ["dead", "held", *product((0, 1), repeat=3)]  # the living who are not held back by the arms in whose scope they are
UNIONS = np.array([one for one in product((0.0, 1.0), repeat=10) if any(one)])


@settings(max_examples=600, deadline=None)
@given(
    st.lists(st.sampled_from([0, 0, 1, 3, 8, 10, 11, 12, 20, 40, 300]), min_size=10, max_size=10),
    st.sampled_from([3, 10]),
    st.sampled_from([None, 0, 2]),
)
def test_no_part_of_the_export_is_left_small(sizes: list[int], threshold: int, everybody: int | None) -> None:
    """Of all, the dead, those held back and the arms no group has a small count that linear algebra gives."""
    if everybody is not None:  # an export of one disease: whoever lives is in scope of its arm
        sizes = [0 if isinstance(group, tuple) and not group[everybody] else one for group, one in zip(GROUPS, sizes, strict=True)]
    truth = np.array(sizes, dtype=float)
    arms = [np.array([isinstance(group, tuple) and group[n] == 1 for group in GROUPS], float) for n in range(3)]
    masks = [np.ones(10), *np.eye(10)[:2], *arms]
    heads = shown_heads(sum(sizes), sizes[0], sizes[1], [int(one @ truth) for one in arms], threshold)
    told = [(mask, one) for mask, one in zip(masks, (heads.patients, heads.dead, heads.held, *heads.arms), strict=True) if one is not None]
    assert all(one == mask @ truth for mask, one in told)
    if not told:
        return
    equations, counts = np.array([mask for mask, _ in told]), np.array([one for _, one in told])
    possible = ~(equations[counts == 0].any(axis=0)) if (counts == 0).any() else np.ones(10, bool)
    while True:  # what is left of nobody is nobody
        solved, values = _solved(equations[:, possible], UNIONS[:, possible]), UNIONS @ truth
        nobody = solved & (values == 0)
        fewer = possible & ~UNIONS[nobody].any(axis=0)
        if (fewer == possible).all():
            break
        possible = fewer
    small = solved & (values >= 1) & (values <= threshold)
    assert not small.any(), (told, UNIONS[small][:1])


def _solved(known: np.ndarray, asked: np.ndarray) -> np.ndarray:
    if not known.size or not known.any():
        return np.zeros(len(asked), bool)
    _, sizes, basis = np.linalg.svd(known, full_matrices=False)
    basis = basis[sizes > 1e-9]
    return np.abs(asked - asked @ basis.T @ basis).max(axis=1) < 1e-7


@pytest.mark.parametrize(
    ("dead", "held", "arm", "told"),
    [
        (12, 12, 300, (12, 12, 300)),
        (12, 5, 300, (12, None, 300)),
        (0, 0, 300, (0, 0, 300)),
        (0, 12, 980, (0, None, 980)),
        (5, 12, 300, (None, 12, 300)),
        (5, 0, 995, (None, 0, None)),
    ],
)
def test_whom_the_report_holds_back(dead: int, held: int, arm: int, told: tuple[int | None, ...]) -> None:
    """A number from 1 to 10 is hidden, also where it would be what the others leave of 1,000."""
    found = shown_heads(1000, dead, held, [arm], 10)
    assert (found.dead, found.held, *found.arms) == told
