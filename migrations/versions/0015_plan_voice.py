"""Her needs and strengths, the worker's view apart, how it is going, plans as they were shared, reviews."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

UTC_INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")
MOMENTS = "moment IN ('start', 'review', 'end')"


def upgrade() -> None:
    _need_answers()
    _worker_views()
    _ratings()
    _plan_versions()
    _reviews()


def downgrade() -> None:
    for table in ("reviews", "plan_versions", "ratings", "worker_views", "need_answers"):
        op.drop_table(table)


def _need_answers() -> None:
    op.create_table(
        "need_answers",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("pathway", sa.String(20), nullable=False),
        sa.Column("moment", sa.String(6), nullable=False),
        sa.Column("need", sa.String(14), nullable=False),
        sa.Column("strength", sa.LargeBinary()),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("position", sa.Integer()),
        sa.Column("answered_by_kind", sa.String(6), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=False),
        sa.Column("answered_at", UTC_INSTANT, nullable=False),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(MOMENTS, name=op.f("ck_need_answers_moment")),
        sa.CheckConstraint(
            "need IN ('none', 'some', 'high', 'not_asked', 'not_for_me', 'rather_not_say')",
            name=op.f("ck_need_answers_need"),
        ),
        sa.CheckConstraint("answered_by_kind IN ('client', 'staff')", name=op.f("ck_need_answers_answered_by_kind")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_need_answers_client_id_clients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_answers")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_need_answers_seal_id")),
    )
    op.create_index("ix_need_answers_client_pathway", "need_answers", ["client_id", "pathway", "moment"])


def _worker_views() -> None:
    op.create_table(
        "worker_views",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("pathway", sa.String(20), nullable=False),
        sa.Column("moment", sa.String(6), nullable=False),
        sa.Column("need", sa.String(4), nullable=False),
        sa.Column("words", sa.LargeBinary()),
        sa.Column("viewed_by", sa.Integer(), nullable=False),
        sa.Column("viewed_at", UTC_INSTANT, nullable=False),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(MOMENTS, name=op.f("ck_worker_views_moment")),
        sa.CheckConstraint("need IN ('none', 'some', 'high')", name=op.f("ck_worker_views_need")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_worker_views_client_id_clients")),
        sa.ForeignKeyConstraint(["viewed_by"], ["staff.id"], name=op.f("fk_worker_views_viewed_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_views")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_worker_views_seal_id")),
    )
    op.create_index("ix_worker_views_client_pathway", "worker_views", ["client_id", "pathway", "moment"])


def _ratings() -> None:
    op.create_table(
        "ratings",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("pathway", sa.String(20), nullable=False),
        sa.Column("moment", sa.String(6), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("with_worker", sa.Boolean(), nullable=False),
        sa.Column("rated_at", UTC_INSTANT, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(MOMENTS, name=op.f("ck_ratings_moment")),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_ratings_score")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_ratings_client_id_clients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
    )
    op.create_index("ix_ratings_client_pathway", "ratings", ["client_id", "pathway", "moment"])


def _plan_versions() -> None:
    op.create_table(
        "plan_versions",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("shared_at", UTC_INSTANT, nullable=False),
        sa.Column("shared_by", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(8)),
        sa.Column("answer_words", sa.LargeBinary()),
        sa.Column("language", sa.String(2)),
        sa.Column("answered_by_kind", sa.String(6)),
        sa.Column("answered_by_id", sa.Integer()),
        sa.Column("answered_at", UTC_INSTANT),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("answer IN ('yes', 'partly', 'not_yet')", name=op.f("ck_plan_versions_answer")),
        sa.CheckConstraint("answered_by_kind IN ('client', 'staff')", name=op.f("ck_plan_versions_answered_by_kind")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_plan_versions_client_id_clients")),
        sa.ForeignKeyConstraint(["shared_by"], ["staff.id"], name=op.f("fk_plan_versions_shared_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_versions")),
        sa.UniqueConstraint("client_id", "number", name=op.f("uq_plan_versions_client_id_number")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_plan_versions_seal_id")),
    )
    op.create_index(op.f("ix_plan_versions_client_id"), "plan_versions", ["client_id"])


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(5), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("held_on", sa.Date()),
        sa.Column("held_by", sa.Integer()),
        sa.Column("held_with", sa.String(12)),
        sa.Column("decided", sa.String(8)),
        sa.Column("her_words", sa.LargeBinary()),
        sa.Column("made_at", UTC_INSTANT, nullable=False),
        sa.Column("recorded_at", UTC_INSTANT),
        sa.Column("seal_id", sa.String(32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('first', 'next', 'end')", name=op.f("ck_reviews_kind")),
        sa.CheckConstraint(
            "held_with IN ('in_person', 'phone', 'video', 'without_her')", name=op.f("ck_reviews_held_with")
        ),
        sa.CheckConstraint("decided IN ('carry_on', 'change', 'close')", name=op.f("ck_reviews_decided")),
        sa.CheckConstraint("(held_on IS NULL) = (held_by IS NULL)", name=op.f("ck_reviews_held")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_reviews_client_id_clients")),
        sa.ForeignKeyConstraint(["held_by"], ["staff.id"], name=op.f("fk_reviews_held_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_reviews_seal_id")),
    )
    op.create_index(op.f("ix_reviews_client_id"), "reviews", ["client_id"])
