"""Of sensitive criteria a card tells nothing but where to look."""

from __future__ import annotations

import pytest

from tests.support.card_sections import section, shown
from tests.support.evaluations import arm, asked, criterion, evaluation, evidence, lacking


@pytest.mark.parametrize("number", [1, 2])
def test_of_sensitive_criteria_only_the_paragraph_is_told(number: int) -> None:
    """Neither reason, evidence, question nor what is missing stands on the card, whatever the verdict."""
    secret = "SECRET"
    told = {"reason": secret, "finding": secret, "settled": secret, "evidence": (evidence(secret),), "sensitive": True}
    sensitive = [asked("E-16", secret, **told), lacking("E-22", (secret, secret), **told)][:number]
    found = shown(evaluation(arm("sle", *sensitive, criterion("SLE-2", "met", **told))))
    assert secret not in str(found)
    assert section(found["detail"], "To confirm") == [f"{number} confidential, see chart ({', '.join(one.id for one in sensitive)})"]
    assert found["summary"].endswith(f"{number} to confirm")


def test_a_question_that_everybody_is_asked_is_not_confidential() -> None:
    """Without a record nothing was withheld: the question stands among the others, and no line hints at a secret."""
    found = shown(evaluation(arm("sle", asked("E-16", "Is there substance use?", sensitive=True))))
    assert section(found["detail"], "To confirm") == ["Is there substance use? (E-16)"]
    assert found["summary"].endswith(": 1 to confirm")


@pytest.mark.parametrize("lacks", [("HIV antibody", "HBsAg"), ("HBsAg",)])
def test_what_a_sensitive_criterion_lacks_is_told_as_for_everybody(lacks: tuple[str, ...]) -> None:
    """All its tests are named whichever is missing, so that none tells of another; without such words the paragraph is."""
    tests = [(f"{name} from the last 28 days", f"obtain {name}") for name in lacks]
    failed = criterion("E-16", reason="source unavailable (substance use)", sensitive=True)
    found = shown(evaluation(arm("sle", lacking("E-22", *tests, sensitive=True), lacking("E-07", ("IgA", "obtain IgA")), failed)))
    assert section(found["detail"], "Missing") == ["Obtain: HIV, HBsAg, HCV and treponemal antibody; IgA", "Look into: what E-16 names"]
    assert "confidential" not in found["detail"].lower()
    assert found["summary"].endswith(": 3 missing")
