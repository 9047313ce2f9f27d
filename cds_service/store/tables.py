"""The store's tables, as SQLAlchemy knows them; `migrations/` brings a database to them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"})

_ROW = BigInteger().with_variant(Integer, "sqlite")  # there the table's own row number, which a trigger sees whatever the statement

# A token is good once over all processes. Only a keyed digest of its id is held.
used_tokens = Table(
    "used_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),  # of issuer and jti (store/secret.py)
    Column("until", BigInteger, nullable=False),  # the second, since 1970, from which the token is expired anyway
    Index("ix_used_tokens_until", "until"),
)

# One row an AuditEvent, chained by digests (store/chain.py). The database itself refuses to change or remove a row (step 0002).
audit_events = Table(
    "audit_events",
    metadata,
    Column("id", _ROW, primary_key=True, autoincrement=False),  # without gaps: each row follows the one before
    Column("recorded", BigInteger, nullable=False),  # the second, since 1970
    Column("tenant", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("outcome", String(2), nullable=False),  # FHIR's: 0 success, 4 minor, 8 serious, 12 major failure
    Column("patient_key", String(64)),  # store/patient_keys.py; none where the event is about no single patient
    Column("json", Text, nullable=False),  # the AuditEvent
    Column("previous", String(64), nullable=False),  # the digest of the row before
    Column("digest", String(64), nullable=False),  # over all of this row, keyed
    Index("ix_audit_events_recorded", "recorded"),
    Index("ix_audit_events_patient_key", "patient_key"),
)

# How far retention has removed events: what the triggers let go, and where the chain begins since. One row, the newest.
audit_purges = Table(
    "audit_purges",
    metadata,
    Column("last_id", _ROW, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),  # of that row
    Column("before", BigInteger, nullable=False),  # no event of this second or later was removed
    Column("seal", String(64), nullable=False),  # over this row, keyed: nobody else can say where the chain begins
)

# What decides what is shown to whom, as it was when last audited: a change is audited once, however many processes start under it.
known_settings = Table("known_settings", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

# Cards that were shown: each once for a user, a patient and a verdict. Users and patients stand as keyed digests.
served = Table(
    "served",
    metadata,
    Column("card", String(36), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("trial", String(64), nullable=False),
    Column("definition", String(128), nullable=False),
    Column("hook", String(64), nullable=False),
    Column("patient", String(64), nullable=False),
    Column("user", String(64), nullable=False),
    Column("verdict", String(64), nullable=False),  # a keyed digest of what the card says (alerts/verdict.py)
    Column("department", String(128), nullable=False),  # for the export of feedback (HTI-1: location); '' where it is not known
    Column("at", BigInteger, nullable=False),  # the second, since 1970
    Index("ix_served_once", "tenant", "trial", "patient", "user", "verdict", unique=True),
    Index("ix_served_patient", "tenant", "patient"),
    Index("ix_served_user", "tenant", "user", "at"),
    Index("ix_served_at", "at"),
)

# What people said to a card, each once: clients send it again. A comment's words are not held; they may name the patient.
feedback = Table(
    "feedback",
    metadata,
    Column("card", String(36), primary_key=True),
    Column("outcome", String(16), primary_key=True),  # accepted | overridden
    Column("said", BigInteger, primary_key=True),  # outcomeTimestamp, in milliseconds since 1970
    Column("reason", String(64), nullable=False),  # one of alerts/reasons.py, with the criterion; '' where accepted
    Column("accepted", BigInteger, nullable=False),  # how many suggestions
    Column("commented", BigInteger, nullable=False),  # 1 where a comment came with it
    Column("at", BigInteger, nullable=False),  # the second it came, since 1970
    Index("ix_feedback_at", "at"),
)

# What `cds-service mode` set, which stands over the settings file. '*' is every tenant, or every trial.
modes = Table(
    "modes",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("trial", String(64), primary_key=True),
    Column("mode", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),
)

# Questions for counts, so that not too many different ones are answered (cohort/repeats.py). A keyed digest of each.
cohort_questions = Table(
    "cohort_questions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("at", BigInteger, nullable=False),  # the second, since 1970
    Index("ix_cohort_questions_at", "at"),
)
