"""A criterion's standing clauses into what people answered to them: a "yes" triggers, a "no" settles, else the question is attached."""

from __future__ import annotations

from cds_service.criteria import logic
from cds_service.criteria.answers import settled_by_answers
from cds_service.criteria.model import Criterion, Standing
from cds_service.criteria.node import Context, evaluate_node
from cds_service.criteria.value import FALSE, Value


def with_standing(criterion: Criterion, value: Value, context: Context) -> tuple[Value, tuple[str, ...]]:
    """(value, open questions). Unanswered, a standing clause never changes the verdict of the others (spec head, iii)."""
    questions = []
    for one in criterion.standing:
        said = _answered(criterion, one, context)
        if said.truth is not False or said.review:
            value = logic.any_of([value, said])
        elif not said.answered and _stands(one, context):
            questions.append(one.ask)
    return value, tuple(questions)


def _answered(criterion: Criterion, clause: Standing, context: Context) -> Value:
    answers = context.inputs.answers.get(f"{criterion.id}/{clause.clause}", ())
    return settled_by_answers(FALSE, answers, context.as_of, context.answers_within)


def _stands(clause: Standing, context: Context) -> bool:
    return clause.when is None or evaluate_node(clause.when, context).truth is True
