"""Words name value sets: negation, look-alikes, languages, brands (spec 0.4: a name asks, it never decides)."""

from __future__ import annotations

import pytest

from fhir_mappings.names import named
from fhir_mappings.negation import affirmed, plain
from fhir_mappings.table import read_table
from fhir_mappings.terminology import load


def names(text: str, domain: str = "Condition") -> set[str]:
    return set(named([text], domain))


@pytest.mark.parametrize(
    "text",
    [
        "No evidence of SLE",
        "no evidence of systemic lupus erythematosus or dermatomyositis",
        "rule out SLE",
        "R/O SLE",
        "r/o systemic lupus erythematosus",
        "?SLE",
        "? SLE",
        "SLE?",
        "FH of SLE",
        "FH: SLE",
        "Family history of systemic lupus erythematosus",
        "suspected SLE, ruled out",
        "Suspected SLE ruled out",
        "SLE was excluded",
        "SLE unlikely",
        "Negative for SLE",
        "SLE: negative",
        "History of SLE in mother",
        "history of SLE in her mother",
        "Mother with SLE",
        "Sister has SLE",
        "Screening for SLE",
        "SLE screening",
        "Patient denies SLE",
        "without SLE",
        "not SLE",
        "at risk for SLE",
        "Kein Hinweis auf SLE",
        "Ausschluss SLE",
        "SLE ausgeschlossen",
        "Mutter mit SLE",
        "Familienanamnese: SLE",
        "排除系统性红斑狼疮",
        "系统性红斑狼疮待排",
        "无系统性红斑狼疮",
        "系统性红斑狼疮家族史",
        "母亲系统性红斑狼疮",
        "SLE (mother)",
        "Pneumonia vaccination",
        "Stroke prevention",
        "Prevention of stroke",
        "Breast cancer risk, high",
        "Increased breast cancer risk",
        "TB exposure",
        "HBV vaccination status",
        "Desires pregnancy",
        "History of 2 pregnancies",
        "History of sepsis",
        "Presence of cardiac device",
    ],
)
def test_what_is_denied_or_a_relatives_names_nothing(text: str) -> None:
    """Negated, ruled out, screened for, queried, only kept away or hoped for, or a relative's disease is no record of it."""
    assert names(text) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SLE", {"dx.sle"}),
        ("Systemic lupus erythematosus, without nephritis", {"dx.sle"}),
        ("SLE; no evidence of dermatomyositis", {"dx.sle"}),
        ("No nephritis but SLE", {"dx.sle"}),
        ("SLE confirmed, dermatomyositis ruled out", {"dx.sle"}),
        ("History of SLE", {"dx.sle"}),
        ("V.a. SLE", {"dx.sle"}),
        ("Systemischer Lupus erythematodes", {"dx.sle"}),
        ("系统性红斑狼疮", {"dx.sle"}),
        ("SLE患者", {"dx.sle"}),
        ("Seronegative rheumatoid arthritis", {"ai.ra"}),
        ("HER2-negative breast cancer", {"ca.malignancy"}),
        ("Epilepsy, unspecified, not intractable, without status epilepticus", {"cns.epilepsy"}),
        ("Other dermatomyositis without myopathy", {"dx.dm_amyopathic"}),
        ("无肌病性皮肌炎", {"dx.dm_amyopathic"}),
        ("Stroke prevention in atrial fibrillation", {"cv.atrial"}),
        ("Myocarditis after COVID-19 vaccination", {"cv.myocarditis"}),
        ("Myocarditis, vaccine-associated", {"cv.myocarditis"}),
        ("Mesothelioma due to asbestos exposure", {"ca.malignancy"}),
        ("Prostate cancer, high risk", {"ca.malignancy"}),
        ("Prostate cancer high risk", {"ca.malignancy"}),
        ("High-risk prostate cancer", {"ca.malignancy"}),
        ("Unwanted pregnancy", {"repro.pregnant"}),
        ("Devic's disease", {"cns.demyelinating"}),
        ("No hepatitis B. SLE", {"dx.sle"}),
    ],
)
def test_what_is_said_beside_a_denial_stays(text: str, found: set[str]) -> None:
    """A denial takes out what it denies and nothing else."""
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "domain", "absent"),
    [
        ("Lupus vulgaris", "Condition", {"dx.sle", "dx.le_unspecified"}),
        ("Lupus pernio", "Condition", {"dx.sle", "dx.le_unspecified"}),
        ("Lupus anticoagulant positive", "Condition", {"dx.sle", "dx.le_unspecified"}),
        ("Drug-induced systemic lupus erythematosus", "Condition", {"dx.sle", "dx.le_unspecified"}),
        ("Discoid lupus erythematosus", "Condition", {"dx.sle", "dx.le_unspecified"}),
        ("Neonatal lupus", "Condition", {"dx.sle", "dx.le_unspecified"}),
        ("Morphea (localized scleroderma)", "Condition", {"dx.ssc"}),
        ("Juvenile dermatomyositis", "Condition", {"dx.dm"}),
        ("Inclusion body myositis", "Condition", {"dx.myositis_unspecified"}),
        ("Basal cell carcinoma of skin", "Condition", {"ca.malignancy"}),
        ("Ductal carcinoma in situ", "Condition", {"ca.malignancy"}),
        ("History of breast cancer", "Condition", {"ca.malignancy"}),
        ("Benign neoplasm of colon", "Condition", {"ca.malignancy", "ca.unspecified_behaviour"}),
        ("Malignant hypertension", "Condition", {"ca.malignancy"}),
        ("Latent tuberculosis", "Condition", {"inf.tb_active"}),
        ("Nontuberculous mycobacterial infection", "Condition", {"inf.tb_active"}),
        ("Supraventricular tachycardia", "Condition", {"cv.ventricular"}),
        ("Old myocardial infarction", "Condition", {"cv.mi"}),
        ("Sequelae of stroke", "Condition", {"cns.cva"}),
        ("Corneal transplant", "Condition", {"tx.organ", "tx.status_nos"}),
        ("Awaiting kidney transplant", "Condition", {"tx.organ"}),
        ("Ectopic pregnancy", "Condition", {"repro.pregnant"}),
        ("Not pregnant", "Condition", {"repro.pregnant"}),
        ("Smooth muscle antibody", "Observation", {"lab.sm"}),
        ("Anti-smooth muscle Ab", "Observation", {"lab.sm"}),
        ("Anti-Sm/RNP", "Observation", {"lab.sm", "lab.rnp"}),
        ("ENA SM+RNP Ab", "Observation", {"lab.sm", "lab.rnp"}),
        ("Anti-TPO", "Observation", {"lab.thto"}),
        ("U3-RNP", "Observation", {"lab.rnp"}),
        ("ssDNA antibody", "Observation", {"lab.dsdna"}),
        ("Hepatitis B surface antibody", "Observation", {"lab.hbsag"}),
        ("CK-MB", "Observation", {"lab.ck"}),
        ("Hemoglobin A1c", "Observation", {"lab.hgb"}),
        ("Hemoglobin, plasma free", "Observation", {"lab.hgb"}),
        ("HEP C VIRUS RNA", "Observation", {"lab.hcvab"}),
        ("Hepatitis B surface Ab", "Observation", {"lab.hbsag"}),
        ("Hep B surface antibody", "Observation", {"lab.hbsag"}),
        ("T pallidum DNA", "Observation", {"lab.tpab"}),
        ("QFT-GOLD PLUS NIL", "Observation", {"lab.igra"}),
        ("QFT-GOLD PLUS TB1-NIL", "Observation", {"lab.igra"}),
        ("Pregnancy intention", "Observation", {"lab.hcg"}),
        ("White cell count, synovial fluid", "Observation", {"lab.wbc"}),
        ("Protein, random urine", "Observation", {"lab.upro24"}),
        ("Urine creatinine", "Observation", {"lab.creat"}),
        ("Protein/creatinine ratio", "Observation", {"lab.creat"}),
        ("Tissue transglutaminase IgA", "Observation", {"lab.iga"}),
        ("Non-treponemal test", "Observation", {"lab.tpab"}),
        ("Leukocytes in urine", "Observation", {"lab.wbc"}),
        ("hydroxychloroquine 200 mg", "Medication", {"drug.cq"}),
        ("Hidroxicloroquina 200 mg", "Medication", {"drug.cq"}),
        ("M-PredniHexal 16 mg", "Medication", {"drug.prednisolone"}),
        ("Decortin H 5 mg", "Medication", {"drug.prednisone"}),
        ("Solu-Dacortin 25 mg", "Medication", {"drug.prednisone"}),
        ("Inmunoglobulina humana antitetánica", "Medication", {"drug.ivig"}),
        ("Anti-D immunoglobulin", "Medication", {"drug.ivig"}),
        ("methylprednisolone 4 mg", "Medication", {"drug.prednisolone", "drug.prednisone"}),
        ("hydrocortisone cream", "Medication", {"drug.cortisone"}),
        ("Shingrix (zoster vaccine recombinant)", "Immunization", {"vax.live", "vax.maybe_live"}),
        ("JYNNEOS", "Immunization", {"vax.live"}),
        ("灭活疫苗", "Immunization", {"vax.live"}),
        ("ALT/AST ratio", "Observation", {"lab.alt", "lab.ast"}),
        ("Doxylamine 25 mg", "Medication", {"drug.antibacterial"}),
        ("CD19 antigen", "Medication", {"drug.bcell_other"}),
        ("corticotropin-releasing hormone", "Medication", {"drug.gc_other"}),
        ("Suture removal", "Procedure", {"proc.surgery", "proc.surgery_unsorted"}),
        ("D/C planning", "Procedure", {"proc.surgery", "proc.surgery_unsorted"}),
        ("Nichtäthylische Fettleber", "Condition", {"sud.harm"}),
        ("Exercise capacity 8 METs", "Condition", {"ca.metastasis"}),
    ],
)
def test_look_alikes_are_not_taken_for_the_thing(text: str, domain: str, absent: set[str]) -> None:
    """A name inside another name is not that thing."""
    assert not names(text, domain) & absent


@pytest.mark.parametrize(
    ("text", "domain", "concept"),
    [
        ("Lupus", "Condition", "dx.le_unspecified"),
        ("Dermatomyositis", "Condition", "dx.dm"),
        ("Diffuse cutaneous systemic sclerosis", "Condition", "dx.dcssc"),
        ("Scleroderma", "Condition", "dx.ssc"),
        ("GAVE (watermelon stomach)", "Condition", "dx.gave"),
        ("Scleroderma renal crisis", "Condition", "dx.src"),
        ("Schlaganfall", "Condition", "cns.cva"),
        ("脑梗死", "Condition", "cns.cva"),
        ("Adenocarcinoma of lung", "Condition", "ca.malignancy"),
        ("Pulmonary tuberculosis", "Condition", "inf.tb_active"),
        ("Kidney transplant 2010", "Procedure", "tx.organ"),
        ("CAR-T cell infusion", "Procedure", "proc.cart"),
        ("relmacabtagene autoleucel", "Procedure", "proc.cart"),
        ("瑞基奥仑赛注射液", "Medication", "drug.cart"),
        ("伊基奥仑赛注射液", "Medication", "drug.cart"),
        ("zevorcabtagene autoleucel", "Medication", "drug.cart"),
        ("Benlysta 200 mg/mL autoinjector", "Medication", "drug.bel"),
        ("Saphnelo", "Medication", "drug.anifro"),
        ("CellCept 500 mg", "Medication", "drug.mmf"),
        ("MabThera", "Medication", "drug.rtx"),
        ("rituximab-abbs", "Medication", "drug.rtx"),
        ("泰它西普", "Medication", "drug.telitacicept"),
        ("telitacicept 160 mg", "Medication", "drug.telitacicept"),
        ("ianalumab", "Medication", "drug.bcell_other"),
        ("Prednison 5 mg", "MedicationStatement", "drug.prednisone"),
        ("Lodotra 5 mg", "Medication", "drug.prednisone"),
        ("Predni H Tablinen 50 mg", "Medication", "drug.prednisolone"),
        ("Prednihexal 20 mg", "Medication", "drug.prednisolone"),
        ("Solu-Dacortin 25 mg", "Medication", "drug.prednisolone"),
        ("M-PredniHexal 16 mg", "Medication", "drug.methylpred"),
        ("Depo-Medrone 40 mg/ml", "Medication", "drug.methylpred"),
        ("Metilprednisolona 16 mg", "Medication", "drug.methylpred"),
        ("Lipotalon", "Medication", "drug.dex"),
        ("Célestène 2 mg", "Medication", "drug.beta"),
        ("Triam 40 mg Lichtenstein", "Medication", "drug.triam"),
        ("Syntestan", "Medication", "drug.gc_other"),
        ("Lantarel FS 15 mg", "Medication", "drug.mtx"),
        ("Azafalk 50 mg", "Medication", "drug.aza"),
        ("Micofenolato de mofetilo", "Medication", "drug.mmf"),
        ("Hidroxicloroquina 200 mg", "Medication", "drug.hcq"),
        ("Elrexfio", "Medication", "drug.bcell_other"),
        ("Talvey", "Medication", "drug.other_targeted"),
        ("Human normal immunoglobulin 10% infusion", "Medication", "drug.ivig"),
        ("Varilrix", "Medication", "drug.live_vaccine"),
        ("rituximab", "AllergyIntolerance", "drug.rtx"),
        ("Polysorbate 80", "AllergyIntolerance", "ae.polysorbate80"),
        ("No known drug allergies", "AllergyIntolerance", "ae.nkda"),
        ("NKDA", "AllergyIntolerance", "ae.nkda"),
        ("MMR vaccine", "Immunization", "vax.live"),
        ("Zostavax", "Immunization", "vax.live"),
        ("卡介苗", "Immunization", "vax.live"),
        ("Influenza vaccine", "Immunization", "vax.maybe_live"),
        ("ANA Screen, IFA", "Observation", "lab.ana"),
        ("Anti-Sm antibody", "Observation", "lab.sm"),
        ("Anti-Th/To", "Observation", "lab.thto"),
        ("SAE1 antibody", "Observation", "lab.sae"),
        ("抗核抗体", "Observation", "lab.ana"),
        ("抗Sm抗体", "Observation", "lab.sm"),
        ("抗dsDNA", "Observation", "lab.dsdna"),
        ("Ku antibody", "Observation", "lab.ku"),
        ("SLEDAI-2K", "Observation", "score.sledai"),
        ("HEP C VIRUS AB", "Observation", "lab.hcvab"),
        ("Hepatitis C antibody with reflex to RNA", "Observation", "lab.hcvab"),
        ("HEP B SURFACE AG", "Observation", "lab.hbsag"),
        ("T PALLIDUM ANTIBODIES", "Observation", "lab.tpab"),
        ("Syphilis screening test", "Observation", "lab.tpab"),
        ("QFT-GOLD PLUS RESULT", "Observation", "lab.igra"),
        ("POCT PREGNANCY, URINE", "Observation", "lab.hcg"),
        ("Total white cell count", "Observation", "lab.wbc"),
        ("PROTEIN, URINE, 24 HOUR", "Observation", "lab.upro24"),
        ("Hemoglobina", "Observation", "lab.hgb"),
        ("anti-CD20 monoclonal antibody", "Medication", "drug.bcell_other"),
        ("adalimumab-aaty (Yuflyma)", "Medication", "drug.tnf"),
        ("Simlandi", "Medication", "drug.tnf"),
        ("Bimzelx", "Medication", "drug.other_targeted"),
        ("Everolimus 0.75 mg", "Medication", "drug.sirolimus"),
        ("艾拉莫德片", "Medication", "drug.sirolimus"),
        ("昆仙胶囊", "Medication", "drug.tripterygium"),
        ("Acthar Gel", "Medication", "drug.gc_other"),
        ("KYV-101", "Medication", "drug.cart"),
        ("rese-cel infusion", "Procedure", "proc.cart"),
        ("Monuril 3 g", "Medication", "drug.antibacterial"),
        ("Keflex", "Medication", "drug.antibacterial"),
        ("Dupixent", "AllergyIntolerance", "ae.mab_other"),
        ("Keytruda", "AllergyIntolerance", "ae.mab_other"),
        ("CHO proteins", "AllergyIntolerance", "ae.recombinant_protein"),
        ("Delirium tremens", "Condition", "sud.alcohol"),
        ("MetALD", "Condition", "sud.harm"),
        ("Carpal tunnel release", "Procedure", "proc.surgery"),
        ("Bronchoscopy with lavage", "Procedure", "proc.surgery_unsorted"),
    ],
)
def test_names_in_three_languages_brands_and_biosimilars(text: str, domain: str, concept: str) -> None:
    """A record known only by its words is found."""
    assert concept in names(text, domain)


@pytest.mark.parametrize(
    "text", ["", " ", "?", "obesity", "Stress (finding)", "Perennial allergic rhinitis", "Body mass index 30+", "x" * 100_000]
)
def test_other_words_name_nothing(text: str) -> None:
    """Everyday conditions, empty and endless text name no value set."""
    assert names(text) == set()


def test_an_unknown_kind_of_record_names_nothing() -> None:
    """Words are read only where the table says what they mean."""
    assert names("SLE", "Device") == set()


def test_every_name_belongs_to_a_value_set() -> None:
    """No row of the table names a value set that does not exist, and every row has words."""
    known = load().value_sets
    assert [row for row in read_table("names") if row["concept_id"] not in known or not row["words"]] == []


def test_every_name_is_found_by_its_own_words() -> None:
    """No look-alike of a row swallows the row's own words."""
    lost = []
    for row in read_table("names"):
        for domain in row["domains"].split():
            for phrase in row["words"].split("|"):
                if ":" not in phrase and row["concept_id"] not in names(phrase.strip("*"), domain):
                    lost.append((row["concept_id"], domain, phrase))
    assert lost == []


def test_plain_text_has_no_case_accents_or_punctuation() -> None:
    """`Sjögren's` and `SJOGREN S` are the same words; Chinese stands apart from Latin."""
    assert plain("Sjögren’s, SYNDROME 抗Sm抗体") == "sjogren s syndrome 抗 sm 抗体"


def test_parts_set_apart_do_not_make_a_name_together() -> None:
    """Words on both sides of a denial are not read as one phrase."""
    assert affirmed("systemic; lupus") == "systemic ; lupus"
    assert affirmed("heart, no failure") == "heart"
