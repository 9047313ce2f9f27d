"""Which questions for counts of a cohort were asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    op.create_table(
        "cohort_questions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_cohort_questions"),
    )
    op.create_index("ix_cohort_questions_at", "cohort_questions", ["at"])


def downgrade() -> None:
    op.drop_table("cohort_questions")
