"""How values combine: Kleene's three values, leans, presumption (spec 0.1 and head)."""

from __future__ import annotations

import pytest

from cds_service.criteria.logic import all_of, any_of, at_least, kleene, negated
from cds_service.criteria.value import Value, asked, blank, decided, presumed, unsettled

M = decided(True, "met")
N = decided(False, "not met")
U = blank("no result", "x")
P = presumed("x")
R = unsettled("look")
RM = unsettled("look", lean=True)
RN = unsettled("look", lean=False)
ASK = asked("Is it so?")
NAMES = {id(M): "M", id(N): "N", id(U): "U", id(P): "N presumed", id(R): "R", id(RM): "R lean met", id(RN): "R lean not", id(ASK): "asked"}

TITLE = "How values combine"
COLUMNS = ("combination", "operands", "truth", "lean", "review", "presumed")
ROWS = (
    ("all of", (M, M), True, True, False, False),
    ("all of", (M, N), False, False, False, False),
    ("all of", (M, U), None, None, False, False),
    ("all of", (N, U), False, False, False, False),
    ("all of", (M, P), False, False, False, True),
    ("all of", (N, P), False, False, False, False),
    ("all of", (M, RM), None, True, True, False),
    ("all of", (M, RN), None, False, True, False),
    ("all of", (RM, U), None, None, True, False),
    ("all of", (RN, U), None, False, True, False),
    ("all of", (M, R), None, None, True, False),
    ("any of", (N, N), False, False, False, False),
    ("any of", (M, U), True, True, False, False),
    ("any of", (N, U), None, None, False, False),
    ("any of", (N, P), False, False, False, True),
    ("any of", (P, U), None, None, False, False),
    ("any of", (P, M), True, True, False, False),
    ("any of", (N, RM), None, True, True, False),
    ("any of", (RN, U), None, None, True, False),
    ("at least 2 of", (M, M, N), True, True, False, False),
    ("at least 2 of", (M, N, N), False, False, False, False),
    ("at least 2 of", (M, U, N), None, None, False, False),
    ("at least 2 of", (M, U, U), None, None, False, False),
    ("at least 2 of", (M, RM, N), None, True, True, False),
    ("at least 2 of", (U, N, N), False, False, False, False),
)


def _combine(name: str, operands: tuple[Value, ...]) -> Value:
    if name == "all of":
        return all_of(operands)
    return any_of(operands) if name == "any of" else at_least(int(name.split()[2]), operands)


def printed() -> list[tuple[str, ...]]:
    """The rows as words, for the manual."""
    words = {True: "yes", False: "no", None: "unknown"}
    return [
        (name, ", ".join(NAMES[id(one)] for one in operands), words[truth], words[lean], words[review], words[held])
        for name, operands, truth, lean, review, held in ROWS
    ]


@pytest.mark.parametrize(("name", "operands", "truth", "lean", "review", "held"), ROWS)
def test_values_combine_as_the_table_says(name, operands, truth, lean, review, held) -> None:
    """Each row of the table holds."""
    value = _combine(name, operands)
    assert (value.truth, value.lean, value.review, value.presumed) == (truth, lean if truth is None else truth, review, held)


@pytest.mark.parametrize("value", [M, N, U, P, R, RM, RN, ASK])
def test_not_flips_truth_and_lean_and_keeps_the_rest(value) -> None:
    """NOT flips verdict and lean; twice gives the value back."""
    assert negated(negated(value)) == value
    flipped = negated(value)
    assert (flipped.truth, flipped.lean) == tuple(None if one is None else not one for one in (value.truth, value.lean))
    assert (flipped.review, flipped.presumed) == (value.review, value.presumed)


def test_at_least_k_counts_true_and_unknown() -> None:
    """t >= k is met, t + u < k is not met, else unknown, for every k and n up to 4."""
    for true in range(4):
        for unknown in range(4):
            for false in range(3):
                for k in range(1, 5):
                    truths = [True] * true + [None] * unknown + [False] * false
                    expected = True if true >= k else False if true + unknown < k else None
                    assert kleene(k, truths) is expected


def test_only_a_person_can_say_only_where_every_unknown_is_asked() -> None:
    """Open to a person only where no unknown operand wants data."""
    assert all_of([M, ASK]).by_person
    assert not all_of([U, ASK]).by_person
