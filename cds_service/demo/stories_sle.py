"""Stories of systemic lupus erythematosus: what fits, what is missing, and how differently the same chart is written."""

from __future__ import annotations

from cds_service.demo import records
from cds_service.demo import screening as shared
from cds_service.demo.answers import answered, signed_form, study, takes_part
from cds_service.demo.records import concept
from cds_service.demo.sheet import Habit, Sheet
from cds_service.demo.story import ELSEWHERE, FITS, OPEN, Story


def only(status: str) -> dict[str, str]:
    """The status of the SLE arm; there is no record of the other arms' diseases."""
    return {"sle": status, "iim": ELSEWHERE, "ssc": ELSEWHERE}


def _urine_protein(sheet: Sheet, grams: str) -> None:
    sheet.add(records.observation(concept("protein-24h"), sheet.ago(6), valueQuantity=records.quantity(grams, "g/(24.h)")))


def _complete(sheet: Sheet) -> None:
    shared.active_lupus(sheet)
    _urine_protein(sheet, "0.12")


def _stated(sheet: Sheet) -> None:
    sheet.diagnosis("sle-snomed", 1500)
    shared.lupus_serology(sheet)
    shared.lupus_drugs_stated(sheet)
    shared.lupus_activity(sheet)
    shared.screening(sheet)


def _classified(sheet: Sheet) -> None:
    shared.active_lupus(sheet, "sle-nephritis")
    sheet.score("sle-points", "21", 200)
    sheet.measured_against("dsdna-quantity", "212", "27", "[IU]/mL", 6)
    _urine_protein(sheet, "1.4")


def _settled(sheet: Sheet) -> None:
    shared.active_lupus(sheet)
    trial = study(sheet, "A Study of CC312 for Relapsed/Refractory Autoimmune Diseases", "NCT07193810")
    takes_part(sheet, trial, "candidate", 4, signed_form(sheet, 4))
    yes = dict.fromkeys(("SLE-1/b", "SLE-3/d", "SLE-5/a", "SLE-5/b", "SLE-6/a", "I-F"), "Y")
    answered(sheet, yes | {"E-19": "N", "E-24": "N"}, 3)


def _no_serology(sheet: Sheet) -> None:
    sheet.diagnosis("sle", 1500)
    shared.lupus_drugs_ordered(sheet)
    shared.lupus_activity(sheet)


def _no_drug_history(sheet: Sheet) -> None:
    sheet.diagnosis("sle", 300)
    shared.lupus_serology(sheet)
    sheet.ordered("hcq-200", 250)
    shared.lupus_activity(sheet)
    shared.screening(sheet)


def _stale_ana(sheet: Sheet) -> None:
    sheet.diagnosis("sle", 1500)
    sheet.written("ana-titre", "1:320", 420)
    shared.lupus_drugs_ordered(sheet)
    shared.lupus_activity(sheet)
    shared.screening(sheet)


def _german(sheet: Sheet) -> None:
    sheet.diagnosis("sle-gm", 1500)
    sheet.written("ana", "positiv", 6)
    sheet.written("dsdna", "stark positiv", 6)
    sheet.takes("mmf-atc", 900, 350)
    sheet.takes("aza-atc", 330)
    sheet.takes("hcq-atc", 800)
    sheet.takes("prednisolone-atc", 400, None, shared.DAILY_PREDNISONE["10"])
    shared.lupus_activity(sheet)
    shared.screening(sheet, words="negativ")


def _chinese(sheet: Sheet) -> None:
    sheet.diagnosis("sle-who", 1500)
    sheet.written("ana", "阳性", 6)
    sheet.written("sm", "阳性", 6)
    sheet.takes("mmf", 900, 350)
    sheet.takes("telitacicept", 500, 200)
    sheet.takes("mtx-atc", 300)
    sheet.takes("hcq-atc", 800)
    sheet.takes("prednisone-atc", 400, None, shared.DAILY_PREDNISONE["15"])
    shared.lupus_activity(sheet)
    shared.screening(sheet, words="阴性")


def _object_identifiers(sheet: Sheet) -> None:
    sheet.diagnosis("sle-snomed-oid", 1500)
    sheet.answered("ana-oid", "positive", 6)
    sheet.takes("mmf", 900, 350)
    sheet.takes("mtx-oid", 300)
    sheet.ordered("prednisone-5", 200, None, shared.DAILY_PREDNISONE["15"])
    shared.lupus_activity(sheet)
    shared.screening(sheet)


def _trailing_slash(sheet: Sheet) -> None:
    sheet.diagnosis("sle-snomed", 1500)
    sheet.answered("ana-slash", "positive", 6)
    shared.lupus_drugs_stated(sheet)
    shared.lupus_activity(sheet)
    shared.screening(sheet)


def _provisional(sheet: Sheet) -> None:
    sheet.diagnosis("sle", 60, verification="provisional")
    shared.lupus_serology(sheet)
    shared.lupus_drugs_ordered(sheet)
    shared.screening(sheet)


def _text_only(sheet: Sheet) -> None:
    sheet.text_diagnosis("Systemic lupus erythematosus", 900)
    shared.lupus_serology(sheet)
    shared.lupus_drugs_ordered(sheet)
    shared.screening(sheet)


def _refuted(sheet: Sheet) -> None:
    sheet.diagnosis("sle", 400, clinical=None, verification="refuted")
    sheet.written("ana-titre", "1:80", 380)


def _drug_induced(sheet: Sheet) -> None:
    sheet.diagnosis("drug-lupus", 200)
    sheet.answered("ana", "positive", 190)


def _cutaneous(sheet: Sheet) -> None:
    sheet.diagnosis("discoid-lupus", 2000)
    sheet.answered("ana", "negative", 100)
    sheet.ordered("hcq-200", 300)


def _error_twin(sheet: Sheet) -> None:
    """The hepatitis C result of another patient's sample, withdrawn, beside the right one."""
    shared.active_lupus(sheet)
    sheet.answered("hcv-antibody", "positive", 5, status="entered-in-error")


def _unreadable(sheet: Sheet) -> None:
    shared.active_lupus(sheet)
    platelets = records.observation(concept("plt"), sheet.ago(5), valueQuantity=records.quantity("212", "furlong"))
    sheet.add(platelets)
    wrong_day = records.observation(concept("hgb"), sheet.ago(5), valueQuantity=records.quantity("12.9", "g/dL"))
    sheet.add(wrong_day | {"effectiveDateTime": "2026-13-45"})
    order = records.order(concept("omeprazole"), sheet.ago(40), None)
    sheet.add(order | {"medicationCodeableConcept": "not a concept"})


STORIES = (
    Story(
        "sle-complete", "Ada", "SLE after two immunosuppressants, active, with every screening result at hand.",
        only(FITS), _complete, habit=Habit(beyond=("c3", "c4"), problems=("hypertension", "reflux")),
    ),
    Story("sle-statements", "Bea", "The same history, known only from medication statements.", only(FITS), _stated, age=29),
    Story(
        "sle-classified", "Cleo", "Lupus nephritis with recorded 2019 EULAR/ACR points and moderate proteinuria.",
        only(FITS), _classified, age=44, habit=Habit(beyond=("c3", "c4"), references="absolute"),
    ),
    Story(
        "sle-settled", "Carol", "The consent form is signed and the investigator's answers are recorded.",
        only(FITS), _settled, age=40, habit=Habit(beyond=("c3", "c4")),
    ),
    Story(
        "sle-no-serology", "Dora", "SLE with its drugs and scores, but no antibody and no screening results.",
        only(OPEN), _no_serology, habit=Habit(last_visit=50),
    ),
    Story("sle-new", "Edda", "SLE of ten months on hydroxychloroquine alone.", only(OPEN), _no_drug_history, age=24),
    Story("sle-stale-ana", "Fay", "The only positive ANA is 14 months old: to be repeated.", only(FITS), _stale_ana),
    Story(
        "sle-german", "Greta", "A German chart: ICD-10-GM, ATC, haemoglobin in mmol/L, results in German words.",
        only(FITS), _german, age=51, habit=Habit(style="de"),
    ),
    Story(
        "sle-chinese", "Hua", "A Chinese chart: WHO ICD-10, results 阳性 and 阴性, SI units, telitacicept among the drugs.",
        only(FITS), _chinese, age=33, habit=Habit(style="si"),
    ),
    Story(
        "sle-oid", "Iris", "Code systems given as object identifiers, resources linked by urn:uuid.",
        only(FITS), _object_identifiers, habit=Habit(references="uuid"),
    ),
    Story("sle-slash", "Jana", "LOINC written with a trailing slash; SI units.", only(FITS), _trailing_slash, habit=Habit(style="si")),
    Story(
        "sle-man", "Karl", "A man with SLE: no pregnancy test is asked for, his own contraception is.",
        only(FITS), lambda sheet: shared.active_lupus(sheet, without=("hcg",)), gender="male", age=47,
    ),
    Story("sle-provisional", "Lena", "SLE is only provisional: it can neither qualify nor be passed over.", only(OPEN), _provisional),
    Story("sle-text-only", "Mara", "SLE stands in words, without a code.", only(OPEN), _text_only),
    Story("sle-refuted", "Nora", "SLE was considered and refuted.", only(ELSEWHERE), _refuted),
    Story("lupus-drug-induced", "Olga", "Drug-induced lupus only.", only(ELSEWHERE), _drug_induced, age=59),
    Story("lupus-cutaneous", "Pia", "Discoid lupus only.", only(ELSEWHERE), _cutaneous),
    Story("sle-error-twin", "Quiana", "A hepatitis C result entered in error beside the right one.", only(FITS), _error_twin),
    Story(
        "sle-unreadable", "Rosa", "A unit, a date and a drug that can't be read: they are named, the rest counts.",
        only(FITS), _unreadable, habit=Habit(years=3),
    ),
)  # fmt: skip
