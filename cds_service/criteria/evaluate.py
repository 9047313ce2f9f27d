"""A trial and one patient's Inputs into an Evaluation: every criterion in every arm, the arms' statuses, the holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from cds_service.criteria import logic
from cds_service.criteria.answers import settled_by_answers
from cds_service.criteria.evaluation import STALE, STATUSES, ArmResult, CriterionResult, Evaluation, Hold
from cds_service.criteria.model import Arm, Criterion, Trial
from cds_service.criteria.node import Context, evaluate_node
from cds_service.criteria.standing import with_standing
from cds_service.criteria.unspoken import Unspoken
from cds_service.criteria.value import STATE, Value, told
from fhir_mappings.inputs import DataIssue, Inputs, State
from fhir_mappings.terminology import ValueSet

_WORDS = {"inclusion": {True: "met", False: "not-met"}, "exclusion": {True: "triggered", False: "clear"}}


def evaluate(
    trial: Trial, inputs: Inputs, value_sets: Mapping[str, ValueSet], in_scope_only: bool = False, unspoken: Unspoken | None = None
) -> Evaluation:
    """The one meaning of a definition. Pure: same trial, inputs and value sets give the same Evaluation.

    With `in_scope_only` an arm that is out of scope has its status but no criteria: who only wants a card or a count
    need not pay for them. `unspoken` keeps what need not be worked out again for the next patient.
    """
    registry = (trial.registry.system, trial.registry.value)
    context = Context(inputs, value_sets, registry, trial.answers_within, unspoken=unspoken)
    # Most criteria say the same in every arm: those are computed once.
    common: dict[str, CriterionResult] = {}
    arms = tuple(_arm(trial, arm, context, common, in_scope_only) for arm in trial.arms)
    status = min((arm.status for arm in arms), key=STATUSES.index)
    holds = _holds(trial, inputs)
    sources = tuple(inputs.sources[name] for name in sorted(inputs.sources))
    return Evaluation(trial.id, trial.definition, inputs.as_of, inputs.person.reference, status, holds, arms, sources, _issues(inputs))


def _issues(inputs: Inputs) -> tuple[DataIssue, ...]:
    """What could not be read, and that all of it is old: each record is judged by its own window, so no verdict changes by that."""
    if inputs.months_silent is None:
        return inputs.issues
    old = f"the newest of the records received is {inputs.months_silent} months old"
    return (*inputs.issues, DataIssue(STALE, inputs.person.reference, old))


def _holds(trial: Trial, inputs: Inputs) -> tuple[Hold, ...]:
    person = inputs.person
    holds = []
    if person.deceased:
        holds.append(Hold("deceased", "the patient has died"))
    if person.replaced:
        holds.append(Hold("replaced", "this record was merged into another patient's"))
    elif not person.active:
        holds.append(Hold("replaced", "this patient record is marked as no longer in use"))
    if not trial.open:
        holds.append(Hold("trial-not-open", f"the trial is {trial.state}"))
    return tuple(holds)


def _arm(trial: Trial, arm: Arm, context: Context, common: dict[str, CriterionResult], in_scope_only: bool) -> ArmResult:
    context.arm = arm.id
    if in_scope_only and not context.inputs.person.deceased and _out_of_scope(arm, context):
        return ArmResult(arm.id, arm.title, arm.text, "out-of-scope", None, ())
    binding = trial.of_arm(arm.id)
    results = tuple([common.get(one.id) or _criterion(one, context) for one in binding])
    common.update((result.id, result) for one, result in zip(binding, results, strict=True) if not one.by_arm)
    if context.inputs.later_records and results:
        # Spec 0.3: an Evaluation for a past date says so.
        note = f"evaluated as of {context.as_of}; the chart holds later records, statuses are read as found"
        results = (replace(results[0], notes=(*results[0].notes, note)), *results[1:])
    status = _status(arm, results, context)
    return ArmResult(arm.id, arm.title, arm.text, status, _recheck(status, results), results)


def _status(arm: Arm, results: tuple[CriterionResult, ...], context: Context) -> str:
    """The first rule of the spec's head that holds."""
    if context.inputs.person.deceased:
        return "ineligible"
    if _out_of_scope(arm, context):
        return "out-of-scope"
    fails = [one for one in results if one.fails]
    if any(one.cure == "never" for one in fails):
        return "ineligible"
    if fails:
        return "ineligible-now"
    gate = [one for one in results if one.id in arm.gate]
    if all(one.opens for one in gate) and not any(one.leans_to_fail for one in results):
        return "potentially-eligible"
    return "needs-data"


def _out_of_scope(arm: Arm, context: Context) -> bool:
    """Refuted, excluded or never recorded; a diagnosis list that was not retrieved whole is no such knowledge."""
    scope = evaluate_node(arm.scope, context)
    if scope.truth is False:
        return True
    if any(evaluate_node(one, context).truth is True for one in arm.also):
        return False
    conditions = context.inputs.sources.get("Condition")
    return scope.blank and conditions is not None and conditions.state is State.WHOLE


def _recheck(status: str, results: tuple[CriterionResult, ...]) -> date | None:
    """The latest date over the fails of an arm that fails for now; None if any fail has none."""
    days = [one.recheck_on for one in results if one.fails]
    if status != "ineligible-now" or not all(days):
        return None
    return max(day for day in days if day)


def _criterion(criterion: Criterion, context: Context) -> CriterionResult:
    value, standing = _applied(criterion, context)
    words = _WORDS[criterion.kind]
    fails = value.truth is (criterion.kind == "exclusion")
    questions = value.questions + standing if value.applicable else ()
    return CriterionResult(
        id=criterion.id,
        kind=criterion.kind,
        text=criterion.text,
        verdict="unknown" if value.truth is None else words[value.truth],
        applicable=value.applicable,
        presumed=value.presumed and value.applicable,
        review=value.truth is None and value.review,
        lean=words[value.lean] if value.truth is None and value.review and value.lean is not None else None,
        open=None if value.truth is not None else "person" if value.by_person else "data",
        cure=value.flip.cure if fails and not (value.answered and value.flip == STATE) else criterion.cure,
        reason=told(value.reasons) if value.applicable else "does not apply",
        evidence=value.evidence if value.applicable or value.evidence else (),
        missing=value.missing if value.truth is None else (),
        question=" ".join(dict.fromkeys(questions)) or None,
        notes=value.notes,
        open_questions=criterion.open_questions,
        sensitive=criterion.sensitive,
        recheck_on=value.recheck_on if value.truth is None else value.flip.recheck_on if fails else None,
        finding=_told_of(value, "record"),
        settled=_told_of(value, "settled", 1),
    )


def _told_of(value: Value, rests_on: str, most: int | None = None) -> str:
    return told(tuple(one for one in value.reasons if one.rests_on == rests_on)[:most]) if value.truth is None else ""


def _applied(criterion: Criterion, context: Context) -> tuple[Value, tuple[str, ...]]:
    """The logic's value where the criterion applies, with its standing questions; vacuously passed where it does not (spec 0.1, NA)."""
    value, questions = with_standing(criterion, evaluate_node(criterion.logic, context), context)
    if criterion.applies_if is not None:
        value = _where_it_applies(criterion, value, context)
    if criterion.logic.link_id != criterion.id:  # its logic is a clause: an answer to the whole has been read nowhere yet
        answers = context.inputs.answers.get(criterion.id, ())
        value = settled_by_answers(value, answers, context.as_of, context.answers_within)
    return value, questions


def _where_it_applies(criterion: Criterion, value: Value, context: Context) -> Value:
    assert criterion.applies_if is not None
    applies = evaluate_node(criterion.applies_if, context)
    passed = criterion.kind == "inclusion"
    if applies.truth is False:
        return applies._replace(truth=passed, lean=passed, firm=passed if applies.firm is not None else None, applicable=False)
    if applies.truth is True or value.lean is not (not passed):
        return value
    # Whether it applies is open, but what it asks for fails or leans so: both are told.
    both = logic.any_of([logic.negated(applies), value]) if passed else logic.all_of([applies, value])
    both = both._replace(
        reasons=tuple(dict.fromkeys(value.reasons + both.reasons)),
        evidence=tuple(dict.fromkeys(value.evidence + both.evidence)),
    )
    if applies.review:
        return both  # records speak of both, and combine as everywhere (spec head)
    # Of whether it applies nothing is recorded: a person must look, and no card may appear meanwhile.
    return both._replace(review=True, lean=not passed, by_person=False, blank=False)
