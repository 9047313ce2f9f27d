"""Cards that were shown, what people said to them, and the modes set at run time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    _served()
    _feedback()
    op.create_table(
        "modes",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("trial", sa.String(64), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "trial", name="pk_modes"),
    )


def _served() -> None:
    texts = {"tenant": 64, "trial": 64, "definition": 128, "hook": 64, "patient": 64, "user": 64, "verdict": 64, "department": 128}
    op.create_table(
        "served",
        sa.Column("card", sa.String(36), nullable=False),
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in texts.items()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("card", name="pk_served"),
    )
    op.create_index("ix_served_once", "served", ["tenant", "trial", "patient", "user", "verdict"], unique=True)
    op.create_index("ix_served_patient", "served", ["tenant", "patient"])
    op.create_index("ix_served_user", "served", ["tenant", "user", "at"])
    op.create_index("ix_served_at", "served", ["at"])


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("card", sa.String(36), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("said", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("commented", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("card", "outcome", "said", name="pk_feedback"),
    )
    op.create_index("ix_feedback_at", "feedback", ["at"])


def downgrade() -> None:
    for table in ("modes", "feedback", "served"):
        op.drop_table(table)
