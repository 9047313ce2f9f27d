"""The Questionnaire generated from a definition: valid FHIR, complete, and read back by the evaluator."""

from __future__ import annotations

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire

from cds_service.criteria.questionnaire import questionnaire
from tests.generative.charts import AS_OF, COVERING, bundle
from tests.support.engine import engine, evaluate
from tests.trials import parts as p

TRIAL = engine().trials["cc312"]
FORM = questionnaire(TRIAL)
LINKS = [item["linkId"] for group in FORM["item"] for item in group["item"]]


def test_it_is_a_valid_questionnaire() -> None:
    """fhir.resources accepts it."""
    Questionnaire.model_validate(FORM)


def test_every_criterion_has_its_group_with_the_protocols_words() -> None:
    """One group a criterion, in protocol order."""
    assert [(group["prefix"], group["text"]) for group in FORM["item"]] == [(one.id, one.text) for one in TRIAL.criteria]


def test_no_link_stands_twice() -> None:
    """A linkId names one question."""
    assert len(set(LINKS)) == len(LINKS)


@pytest.mark.parametrize("link", LINKS)
def test_an_answer_to_every_question_is_read(link: str) -> None:
    """A yes changes what its criterion says, in some arm: the evaluator reads each question that is asked."""
    gender = "male" if link == "I-M" else "female"
    silent = evaluate(bundle(COVERING, gender=gender), AS_OF)
    said = evaluate(bundle([*COVERING, p.answer(link, "Y")], gender=gender), AS_OF)
    identity = link.split("/")[0]

    def told(evaluation: object) -> list[object]:
        return [one for arm in evaluation.arms for one in arm.criteria if one.id == identity]  # type: ignore[attr-defined]

    assert told(silent) != told(said)
