"""The store's tables, as SQLAlchemy knows them; `migrations/` brings a database to them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, MetaData, String, Table

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"})

# A token is good once over all processes. Only a keyed digest of its id is held.
used_tokens = Table(
    "used_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),  # of issuer and jti (store/secret.py)
    Column("until", BigInteger, nullable=False),  # the second, since 1970, from which the token is expired anyway
    Index("ix_used_tokens_until", "until"),
)
