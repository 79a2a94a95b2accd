"""What she chose for her own pages, beside the language of her record."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clients", sa.Column("pages_language", sa.String(2)))


def downgrade() -> None:
    op.drop_column("clients", "pages_language")
