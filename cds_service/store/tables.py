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
