"""The first shape of every room's tables, and the net under double bookings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UTC_INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")

NO_OVERLAP_SQLITE = """
CREATE TRIGGER occupancies_no_overlap BEFORE INSERT ON occupancies
WHEN NOT NEW.overbooked AND EXISTS (
    SELECT 1 FROM occupancies AS taken
    WHERE taken.resource = NEW.resource AND NOT taken.overbooked
      AND taken.starts_at < NEW.ends_at AND taken.ends_at > NEW.starts_at
)
BEGIN SELECT RAISE(ABORT, 'occupancies_no_overlap'); END
"""

NO_OVERLAP_POSTGRESQL = """
ALTER TABLE occupancies ADD CONSTRAINT occupancies_no_overlap
EXCLUDE USING gist (resource WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (NOT overbooked)
"""


def upgrade() -> None:
    op.create_table('attempt_counts',
    sa.Column('bucket', sa.String(length=32), nullable=False),
    sa.Column('started_at', UTC_INSTANT, nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt_counts')),
    sa.UniqueConstraint('bucket', name=op.f('uq_attempt_counts_bucket'))
    )
    op.create_table('audit_entries',
    sa.Column('at', UTC_INSTANT, nullable=False),
    sa.Column('actor_kind', sa.String(length=10), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('actor_role', sa.String(length=20), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=True),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('position', sa.Integer(), nullable=True),
    sa.Column('chain_hash', sa.String(length=64), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries')),
    sa.UniqueConstraint('position', name=op.f('uq_audit_entries_position'))
    )
    op.create_index('ix_audit_entries_client_at', 'audit_entries', ['client_id', 'at'], unique=False)
    op.create_table('centres',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('borough', sa.String(length=40), nullable=False),
    sa.Column('door', sa.String(length=300), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.Column('archived', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_centres')),
    sa.UniqueConstraint('name', name=op.f('uq_centres_name'))
    )
    op.create_table('clock_shifts',
    sa.Column('portal_now', sa.String(length=40), nullable=False),
    sa.Column('seconds', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('portal_now', name=op.f('pk_clock_shifts'))
    )
    op.create_table('heartbeats',
    sa.Column('duty', sa.String(length=40), nullable=False),
    sa.Column('beat_at', UTC_INSTANT, nullable=False),
    sa.PrimaryKeyConstraint('duty', name=op.f('pk_heartbeats'))
    )
    op.create_table('kinds',
    sa.Column('names', sa.JSON(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('buffer_before', sa.Integer(), nullable=False),
    sa.Column('buffer_after', sa.Integer(), nullable=False),
    sa.Column('least_notice_minutes', sa.Integer(), nullable=False),
    sa.Column('furthest_days', sa.Integer(), nullable=False),
    sa.Column('needs_room', sa.Boolean(), nullable=False),
    sa.Column('group', sa.Boolean(), nullable=False),
    sa.Column('own_keyworker_only', sa.Boolean(), nullable=False),
    sa.Column('bookable_by_clients', sa.Boolean(), nullable=False),
    sa.Column('one_at_a_time', sa.Boolean(), nullable=False),
    sa.Column('archived', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint('buffer_before >= 0 AND buffer_after >= 0', name=op.f('ck_kinds_buffers')),
    sa.CheckConstraint('minutes BETWEEN 5 AND 480', name=op.f('ck_kinds_minutes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kinds'))
    )
    op.create_table('request_keys',
    sa.Column('actor_kind', sa.String(length=10), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('request_key', sa.String(length=64), nullable=False),
    sa.Column('made', sa.String(length=80), nullable=False),
    sa.Column('claimed_at', UTC_INSTANT, nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_request_keys')),
    sa.UniqueConstraint('actor_kind', 'actor_id', 'request_key', name=op.f('uq_request_keys_actor_kind_actor_id_request_key'))
    )
    op.create_table('sessions',
    sa.Column('token_index', sa.String(length=32), nullable=False),
    sa.Column('actor_kind', sa.String(length=10), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('started_at', UTC_INSTANT, nullable=False),
    sa.Column('seen_at', UTC_INSTANT, nullable=False),
    sa.Column('stepped_up_at', UTC_INSTANT, nullable=True),
    sa.Column('ended_at', UTC_INSTANT, nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions')),
    sa.UniqueConstraint('token_index', name=op.f('uq_sessions_token_index'))
    )
    op.create_index('ix_sessions_actor', 'sessions', ['actor_kind', 'actor_id'], unique=False)
    op.create_table('set_up_steps',
    sa.Column('step', sa.String(length=20), nullable=False),
    sa.Column('done_at', UTC_INSTANT, nullable=False),
    sa.PrimaryKeyConstraint('step', name=op.f('pk_set_up_steps'))
    )
    op.create_table('staff',
    sa.Column('name', sa.LargeBinary(), nullable=False),
    sa.Column('first_name', sa.LargeBinary(), nullable=False),
    sa.Column('email', sa.LargeBinary(), nullable=False),
    sa.Column('email_index', sa.String(length=32), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('joined_at', UTC_INSTANT, nullable=False),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('email_index', name=op.f('uq_staff_email_index')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_staff_seal_id'))
    )
    op.create_table('absences',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', UTC_INSTANT, nullable=False),
    sa.Column('ends_at', UTC_INSTANT, nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_absences_order')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_absences_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absences'))
    )
    op.create_index(op.f('ix_absences_staff_id'), 'absences', ['staff_id'], unique=False)
    op.create_table('centre_covers',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centres.id'], name=op.f('fk_centre_covers_centre_id_centres')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_centre_covers_staff_id_staff')),
    sa.PrimaryKeyConstraint('staff_id', 'centre_id', name=op.f('pk_centre_covers'))
    )
    op.create_table('centre_kinds',
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('kind_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centres.id'], name=op.f('fk_centre_kinds_centre_id_centres')),
    sa.ForeignKeyConstraint(['kind_id'], ['kinds.id'], name=op.f('fk_centre_kinds_kind_id_kinds')),
    sa.PrimaryKeyConstraint('centre_id', 'kind_id', name=op.f('pk_centre_kinds'))
    )
    op.create_table('clients',
    sa.Column('code_name', sa.LargeBinary(), nullable=False),
    sa.Column('code_name_index', sa.String(length=32), nullable=False),
    sa.Column('called_name', sa.LargeBinary(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('keyworker_id', sa.Integer(), nullable=True),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('preparation', sa.LargeBinary(), nullable=True),
    sa.Column('sign_in_paused', sa.Boolean(), nullable=False),
    sa.Column('shows_worker_name', sa.Boolean(), nullable=False),
    sa.Column('safety_plan_online', sa.Boolean(), nullable=False),
    sa.Column('sensitive_goals_online', sa.Boolean(), nullable=False),
    sa.Column('messages_online', sa.Boolean(), nullable=False),
    sa.Column('safe_contact_online', sa.Boolean(), nullable=False),
    sa.Column('report_online', sa.Boolean(), nullable=False),
    sa.Column('seen_by_online', sa.Boolean(), nullable=False),
    sa.Column('opened_at', UTC_INSTANT, nullable=False),
    sa.Column('closed_at', UTC_INSTANT, nullable=True),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint("state IN ('open', 'closed')", name=op.f('ck_clients_state')),
    sa.ForeignKeyConstraint(['centre_id'], ['centres.id'], name=op.f('fk_clients_centre_id_centres')),
    sa.ForeignKeyConstraint(['keyworker_id'], ['staff.id'], name=op.f('fk_clients_keyworker_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clients')),
    sa.UniqueConstraint('code_name_index', name=op.f('uq_clients_code_name_index')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_clients_seal_id'))
    )
    op.create_index(op.f('ix_clients_centre_id'), 'clients', ['centre_id'], unique=False)
    op.create_index(op.f('ix_clients_keyworker_id'), 'clients', ['keyworker_id'], unique=False)
    op.create_table('closures',
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=120), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_closures_order')),
    sa.ForeignKeyConstraint(['centre_id'], ['centres.id'], name=op.f('fk_closures_centre_id_centres')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_closures'))
    )
    op.create_index(op.f('ix_closures_centre_id'), 'closures', ['centre_id'], unique=False)
    op.create_table('opening_hours',
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('local_from', sa.Time(), nullable=False),
    sa.Column('local_until', sa.Time(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint('local_from < local_until', name=op.f('ck_opening_hours_order')),
    sa.CheckConstraint('weekday BETWEEN 0 AND 6', name=op.f('ck_opening_hours_weekday')),
    sa.ForeignKeyConstraint(['centre_id'], ['centres.id'], name=op.f('fk_opening_hours_centre_id_centres')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opening_hours'))
    )
    op.create_index(op.f('ix_opening_hours_centre_id'), 'opening_hours', ['centre_id'], unique=False)
    op.create_table('opt_outs',
    sa.Column('number_index', sa.String(length=32), nullable=False),
    sa.Column('opted_out_at', UTC_INSTANT, nullable=False),
    sa.Column('undone_at', UTC_INSTANT, nullable=True),
    sa.Column('undone_by', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['undone_by'], ['staff.id'], name=op.f('fk_opt_outs_undone_by_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opt_outs'))
    )
    op.create_index(op.f('ix_opt_outs_number_index'), 'opt_outs', ['number_index'], unique=False)
    op.create_table('rooms',
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('step_free', sa.Boolean(), nullable=False),
    sa.Column('child_corner', sa.Boolean(), nullable=False),
    sa.Column('quiet', sa.Boolean(), nullable=False),
    sa.Column('archived', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centres.id'], name=op.f('fk_rooms_centre_id_centres')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rooms')),
    sa.UniqueConstraint('centre_id', 'name', name=op.f('uq_rooms_centre_id_name'))
    )
    op.create_index(op.f('ix_rooms_centre_id'), 'rooms', ['centre_id'], unique=False)
    op.create_table('sending_stops',
    sa.Column('stopped_at', UTC_INSTANT, nullable=False),
    sa.Column('stopped_by', sa.Integer(), nullable=False),
    sa.Column('why', sa.String(length=200), nullable=False),
    sa.Column('ended_at', UTC_INSTANT, nullable=True),
    sa.Column('ended_by', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['ended_by'], ['staff.id'], name=op.f('fk_sending_stops_ended_by_staff')),
    sa.ForeignKeyConstraint(['stopped_by'], ['staff.id'], name=op.f('fk_sending_stops_stopped_by_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sending_stops'))
    )
    op.create_table('services',
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('helps_with', sa.String(length=160), nullable=False),
    sa.Column('needs', sa.JSON(), nullable=False),
    sa.Column('audience', sa.String(length=160), nullable=False),
    sa.Column('boroughs', sa.JSON(), nullable=False),
    sa.Column('phone', sa.String(length=24), nullable=False),
    sa.Column('sms', sa.String(length=24), nullable=False),
    sa.Column('sms_say', sa.String(length=40), nullable=False),
    sa.Column('web', sa.String(length=200), nullable=False),
    sa.Column('hours', sa.String(length=120), nullable=False),
    sa.Column('hours_note', sa.String(length=400), nullable=False),
    sa.Column('cost', sa.String(length=20), nullable=False),
    sa.Column('bill_note', sa.String(length=24), nullable=False),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('access', sa.JSON(), nullable=False),
    sa.Column('emergency', sa.Boolean(), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('source_date', sa.String(length=10), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('published', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('checked_at', UTC_INSTANT, nullable=True),
    sa.Column('checked_by', sa.Integer(), nullable=True),
    sa.Column('check_due_on', sa.Date(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['checked_by'], ['staff.id'], name=op.f('fk_services_checked_by_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_services')),
    sa.UniqueConstraint('key', name=op.f('uq_services_key'))
    )
    op.create_table('staff_credentials',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('totp_secret', sa.LargeBinary(), nullable=True),
    sa.Column('last_step', sa.Integer(), nullable=False),
    sa.Column('set_at', UTC_INSTANT, nullable=False),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_credentials_staff_id_staff')),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_staff_credentials')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_staff_credentials_seal_id'))
    )
    op.create_table('staff_links',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('token_index', sa.String(length=32), nullable=False),
    sa.Column('totp_secret', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', UTC_INSTANT, nullable=False),
    sa.Column('expires_at', UTC_INSTANT, nullable=False),
    sa.Column('used_at', UTC_INSTANT, nullable=True),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_links_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_links')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_staff_links_seal_id')),
    sa.UniqueConstraint('token_index', name=op.f('uq_staff_links_token_index'))
    )
    op.create_index(op.f('ix_staff_links_staff_id'), 'staff_links', ['staff_id'], unique=False)
    op.create_table('working_hours',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('local_from', sa.Time(), nullable=False),
    sa.Column('local_until', sa.Time(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint('local_from < local_until', name=op.f('ck_working_hours_order')),
    sa.CheckConstraint('weekday BETWEEN 0 AND 6', name=op.f('ck_working_hours_weekday')),
    sa.ForeignKeyConstraint(['centre_id'], ['centres.id'], name=op.f('fk_working_hours_centre_id_centres')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_working_hours_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_working_hours'))
    )
    op.create_index(op.f('ix_working_hours_centre_id'), 'working_hours', ['centre_id'], unique=False)
    op.create_index(op.f('ix_working_hours_staff_id'), 'working_hours', ['staff_id'], unique=False)
    op.create_table('appointments',
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('kind_id', sa.Integer(), nullable=False),
    sa.Column('centre_id', sa.Integer(), nullable=False),
    sa.Column('worker_id', sa.Integer(), nullable=False),
    sa.Column('room_id', sa.Integer(), nullable=True),
    sa.Column('starts_at', UTC_INSTANT, nullable=False),
    sa.Column('ends_at', UTC_INSTANT, nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('supersedes_id', sa.Integer(), nullable=True),
    sa.Column('walk_in', sa.Boolean(), nullable=False),
    sa.Column('booked_by_kind', sa.String(length=10), nullable=False),
    sa.Column('booked_by_id', sa.Integer(), nullable=False),
    sa.Column('booked_at', UTC_INSTANT, nullable=False),
    sa.Column('ended_at', UTC_INSTANT, nullable=True),
    sa.Column('ended_by_kind', sa.String(length=10), nullable=False),
    sa.Column('ended_by_id', sa.Integer(), nullable=True),
    sa.Column('end_reason', sa.LargeBinary(), nullable=True),
    sa.Column('answer', sa.String(length=12), nullable=False),
    sa.Column('answered_at', UTC_INSTANT, nullable=True),
    sa.Column('arrived_at', UTC_INSTANT, nullable=True),
    sa.Column('left_at', UTC_INSTANT, nullable=True),
    sa.Column('attendance', sa.String(length=4), nullable=False),
    sa.Column('marked_by', sa.Integer(), nullable=True),
    sa.Column('marked_at', UTC_INSTANT, nullable=True),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint("attendance IN ('', 'yes', 'late', 'no')", name=op.f('ck_appointments_attendance')),
    sa.CheckConstraint("state IN ('booked', 'cancelled', 'superseded')", name=op.f('ck_appointments_state')),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_appointments_order')),
    sa.ForeignKeyConstraint(['centre_id'], ['centres.id'], name=op.f('fk_appointments_centre_id_centres')),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_appointments_client_id_clients')),
    sa.ForeignKeyConstraint(['kind_id'], ['kinds.id'], name=op.f('fk_appointments_kind_id_kinds')),
    sa.ForeignKeyConstraint(['marked_by'], ['staff.id'], name=op.f('fk_appointments_marked_by_staff')),
    sa.ForeignKeyConstraint(['room_id'], ['rooms.id'], name=op.f('fk_appointments_room_id_rooms')),
    sa.ForeignKeyConstraint(['supersedes_id'], ['appointments.id'], name=op.f('fk_appointments_supersedes_id_appointments')),
    sa.ForeignKeyConstraint(['worker_id'], ['staff.id'], name=op.f('fk_appointments_worker_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointments')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_appointments_seal_id'))
    )
    op.create_index('ix_appointments_centre_start', 'appointments', ['centre_id', 'starts_at'], unique=False)
    op.create_index('ix_appointments_client_start', 'appointments', ['client_id', 'starts_at'], unique=False)
    op.create_index(op.f('ix_appointments_starts_at'), 'appointments', ['starts_at'], unique=False)
    op.create_index('ix_appointments_worker_start', 'appointments', ['worker_id', 'starts_at'], unique=False)
    op.create_table('client_passcodes',
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('passcode_hash', sa.String(length=200), nullable=False),
    sa.Column('set_at', UTC_INSTANT, nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_client_passcodes_client_id_clients')),
    sa.PrimaryKeyConstraint('client_id', name=op.f('pk_client_passcodes'))
    )
    op.create_table('goals',
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('pathway', sa.String(length=20), nullable=False),
    sa.Column('her_words', sa.LargeBinary(), nullable=True),
    sa.Column('worker_words', sa.LargeBinary(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('added_by', sa.Integer(), nullable=False),
    sa.Column('added_at', UTC_INSTANT, nullable=False),
    sa.Column('withdrawn_at', UTC_INSTANT, nullable=True),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['added_by'], ['staff.id'], name=op.f('fk_goals_added_by_staff')),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_goals_client_id_clients')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_goals')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_goals_seal_id'))
    )
    op.create_index(op.f('ix_goals_client_id'), 'goals', ['client_id'], unique=False)
    op.create_table('kept_apart',
    sa.Column('one_id', sa.Integer(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint('one_id < other_id', name=op.f('ck_kept_apart_order')),
    sa.ForeignKeyConstraint(['one_id'], ['clients.id'], name=op.f('fk_kept_apart_one_id_clients')),
    sa.ForeignKeyConstraint(['other_id'], ['clients.id'], name=op.f('fk_kept_apart_other_id_clients')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_apart')),
    sa.UniqueConstraint('one_id', 'other_id', name=op.f('uq_kept_apart_one_id_other_id'))
    )
    op.create_index(op.f('ix_kept_apart_one_id'), 'kept_apart', ['one_id'], unique=False)
    op.create_index(op.f('ix_kept_apart_other_id'), 'kept_apart', ['other_id'], unique=False)
    op.create_table('kept_forms',
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('typed', sa.LargeBinary(), nullable=False),
    sa.Column('kept_at', UTC_INSTANT, nullable=False),
    sa.Column('expires_at', UTC_INSTANT, nullable=False),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_kept_forms_client_id_clients')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_forms')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_kept_forms_seal_id'))
    )
    op.create_index(op.f('ix_kept_forms_client_id'), 'kept_forms', ['client_id'], unique=False)
    op.create_table('plans',
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('agreed_on', sa.Date(), nullable=True),
    sa.Column('review_on', sa.Date(), nullable=True),
    sa.Column('started_at', UTC_INSTANT, nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint("state IN ('draft', 'shared', 'agreed', 'under_review', 'closed')", name=op.f('ck_plans_state')),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_plans_client_id_clients')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plans')),
    sa.UniqueConstraint('client_id', name=op.f('uq_plans_client_id'))
    )
    op.create_table('portal_messages',
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('written_at', UTC_INSTANT, nullable=False),
    sa.Column('read_at', UTC_INSTANT, nullable=True),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_portal_messages_client_id_clients')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_portal_messages_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_portal_messages')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_portal_messages_seal_id'))
    )
    op.create_index(op.f('ix_portal_messages_client_id'), 'portal_messages', ['client_id'], unique=False)
    op.create_table('referrals',
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('referrer_id', sa.Integer(), nullable=True),
    sa.Column('source', sa.String(length=30), nullable=False),
    sa.Column('disposal', sa.String(length=40), nullable=False),
    sa.Column('reference', sa.LargeBinary(), nullable=False),
    sa.Column('offence_group', sa.LargeBinary(), nullable=True),
    sa.Column('reporter_is_family', sa.Boolean(), nullable=False),
    sa.Column('referred_on', sa.Date(), nullable=False),
    sa.Column('recorded_at', UTC_INSTANT, nullable=False),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_referrals_client_id_clients')),
    sa.ForeignKeyConstraint(['referrer_id'], ['staff.id'], name=op.f('fk_referrals_referrer_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referrals')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_referrals_seal_id'))
    )
    op.create_index(op.f('ix_referrals_client_id'), 'referrals', ['client_id'], unique=False)
    op.create_index(op.f('ix_referrals_referrer_id'), 'referrals', ['referrer_id'], unique=False)
    op.create_table('restrictions',
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('since_at', UTC_INSTANT, nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_restrictions_client_id_clients')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_restrictions_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_restrictions')),
    sa.UniqueConstraint('client_id', 'staff_id', name=op.f('uq_restrictions_client_id_staff_id'))
    )
    op.create_index(op.f('ix_restrictions_client_id'), 'restrictions', ['client_id'], unique=False)
    op.create_index(op.f('ix_restrictions_staff_id'), 'restrictions', ['staff_id'], unique=False)
    op.create_table('risk_notes',
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('note', sa.LargeBinary(), nullable=False),
    sa.Column('noted_by', sa.Integer(), nullable=False),
    sa.Column('noted_at', UTC_INSTANT, nullable=False),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_risk_notes_client_id_clients')),
    sa.ForeignKeyConstraint(['noted_by'], ['staff.id'], name=op.f('fk_risk_notes_noted_by_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_risk_notes')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_risk_notes_seal_id'))
    )
    op.create_index(op.f('ix_risk_notes_client_id'), 'risk_notes', ['client_id'], unique=False)
    op.create_table('safe_contacts',
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('may_text', sa.Boolean(), nullable=False),
    sa.Column('number', sa.LargeBinary(), nullable=True),
    sa.Column('number_index', sa.String(length=32), nullable=True),
    sa.Column('number_end_index', sa.String(length=32), nullable=True),
    sa.Column('proved_at', UTC_INSTANT, nullable=True),
    sa.Column('whose_phone', sa.String(length=20), nullable=False),
    sa.Column('who_else_sees', sa.LargeBinary(), nullable=True),
    sa.Column('safe_hours', sa.LargeBinary(), nullable=True),
    sa.Column('pause_until', UTC_INSTANT, nullable=True),
    sa.Column('wording', sa.String(length=10), nullable=False),
    sa.Column('cover_phrase', sa.LargeBinary(), nullable=True),
    sa.Column('names_worker', sa.Boolean(), nullable=False),
    sa.Column('text_language', sa.String(length=2), nullable=False),
    sa.Column('voice_language', sa.String(length=2), nullable=False),
    sa.Column('may_reply', sa.Boolean(), nullable=False),
    sa.Column('auto_reply', sa.Boolean(), nullable=False),
    sa.Column('may_ring', sa.Boolean(), nullable=False),
    sa.Column('may_leave_message', sa.Boolean(), nullable=False),
    sa.Column('may_say_who', sa.Boolean(), nullable=False),
    sa.Column('code_word_hash', sa.String(length=200), nullable=True),
    sa.Column('trusted_person', sa.LargeBinary(), nullable=True),
    sa.Column('asked_by', sa.Integer(), nullable=False),
    sa.Column('asked_on', sa.Date(), nullable=False),
    sa.Column('check_again_on', sa.Date(), nullable=False),
    sa.Column('recorded_at', UTC_INSTANT, nullable=False),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint("wording IN ('plain', 'short', 'cover')", name=op.f('ck_safe_contacts_wording')),
    sa.ForeignKeyConstraint(['asked_by'], ['staff.id'], name=op.f('fk_safe_contacts_asked_by_staff')),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_safe_contacts_client_id_clients')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_safe_contacts')),
    sa.UniqueConstraint('client_id', 'version', name=op.f('uq_safe_contacts_client_id_version')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_safe_contacts_seal_id'))
    )
    op.create_index(op.f('ix_safe_contacts_client_id'), 'safe_contacts', ['client_id'], unique=False)
    op.create_index(op.f('ix_safe_contacts_number_end_index'), 'safe_contacts', ['number_end_index'], unique=False)
    op.create_index(op.f('ix_safe_contacts_number_index'), 'safe_contacts', ['number_index'], unique=False)
    op.create_table('setup_codes',
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('code_index', sa.String(length=32), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=False),
    sa.Column('made_at', UTC_INSTANT, nullable=False),
    sa.Column('expires_at', UTC_INSTANT, nullable=False),
    sa.Column('used_at', UTC_INSTANT, nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_setup_codes_client_id_clients')),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_setup_codes_made_by_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_setup_codes'))
    )
    op.create_index(op.f('ix_setup_codes_client_id'), 'setup_codes', ['client_id'], unique=False)
    op.create_table('tasks',
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=True),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('centre_id', sa.Integer(), nullable=True),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('once', sa.String(length=120), nullable=False),
    sa.Column('raised_at', UTC_INSTANT, nullable=False),
    sa.Column('due_at', UTC_INSTANT, nullable=False),
    sa.Column('closed_at', UTC_INSTANT, nullable=True),
    sa.Column('closed_by', sa.Integer(), nullable=True),
    sa.Column('done', sa.String(length=40), nullable=False),
    sa.Column('note', sa.LargeBinary(), nullable=True),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['centre_id'], ['centres.id'], name=op.f('fk_tasks_centre_id_centres')),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_tasks_client_id_clients')),
    sa.ForeignKeyConstraint(['closed_by'], ['staff.id'], name=op.f('fk_tasks_closed_by_staff')),
    sa.ForeignKeyConstraint(['owner_id'], ['staff.id'], name=op.f('fk_tasks_owner_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tasks')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_tasks_seal_id'))
    )
    op.create_index('ix_tasks_centre_open', 'tasks', ['centre_id', 'closed_at', 'due_at'], unique=False)
    op.create_index(op.f('ix_tasks_client_id'), 'tasks', ['client_id'], unique=False)
    op.create_index('ix_tasks_owner_open', 'tasks', ['owner_id', 'closed_at', 'due_at'], unique=False)
    op.create_index('uq_tasks_once_open', 'tasks', ['once'], unique=True, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.create_table('texts',
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('once', sa.String(length=120), nullable=False),
    sa.Column('facts', sa.LargeBinary(), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('parts', sa.Integer(), nullable=False),
    sa.Column('offers_replies', sa.Boolean(), nullable=False),
    sa.Column('number', sa.LargeBinary(), nullable=True),
    sa.Column('number_index', sa.String(length=32), nullable=True),
    sa.Column('written_by', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('send_at', UTC_INSTANT, nullable=False),
    sa.Column('not_after_at', UTC_INSTANT, nullable=True),
    sa.Column('wanted_at', UTC_INSTANT, nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('claimed_at', UTC_INSTANT, nullable=True),
    sa.Column('claimed_by', sa.String(length=40), nullable=True),
    sa.Column('looked_up', sa.Integer(), nullable=False),
    sa.Column('looked_up_at', UTC_INSTANT, nullable=True),
    sa.Column('gateway_sid', sa.String(length=64), nullable=True),
    sa.Column('gateway_code', sa.String(length=20), nullable=False),
    sa.Column('sent_at', UTC_INSTANT, nullable=True),
    sa.Column('settled_at', UTC_INSTANT, nullable=True),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_texts_client_id_clients')),
    sa.ForeignKeyConstraint(['written_by'], ['staff.id'], name=op.f('fk_texts_written_by_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_texts')),
    sa.UniqueConstraint('once', name=op.f('uq_texts_once')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_texts_seal_id'))
    )
    op.create_index('ix_texts_claimed', 'texts', ['claimed_at'], unique=False)
    op.create_index(op.f('ix_texts_client_id'), 'texts', ['client_id'], unique=False)
    op.create_index(op.f('ix_texts_gateway_sid'), 'texts', ['gateway_sid'], unique=False)
    op.create_index('ix_texts_number_sent', 'texts', ['number_index', 'sent_at'], unique=False)
    op.create_index('ix_texts_state_next', 'texts', ['state', 'send_at'], unique=False)
    op.create_index('ix_texts_subject', 'texts', ['subject'], unique=False)
    op.create_table('actions',
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('goal_id', sa.Integer(), nullable=False),
    sa.Column('what', sa.LargeBinary(), nullable=False),
    sa.Column('doer', sa.String(length=10), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('status_at', UTC_INSTANT, nullable=True),
    sa.Column('added_by', sa.Integer(), nullable=False),
    sa.Column('added_at', UTC_INSTANT, nullable=False),
    sa.Column('withdrawn_at', UTC_INSTANT, nullable=True),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint("doer IN ('her', 'worker', 'partner')", name=op.f('ck_actions_doer')),
    sa.CheckConstraint("status IN ('to_do', 'doing', 'done', 'paused', 'changed_mind')", name=op.f('ck_actions_status')),
    sa.ForeignKeyConstraint(['added_by'], ['staff.id'], name=op.f('fk_actions_added_by_staff')),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_actions_client_id_clients')),
    sa.ForeignKeyConstraint(['goal_id'], ['goals.id'], name=op.f('fk_actions_goal_id_goals')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_actions')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_actions_seal_id'))
    )
    op.create_index(op.f('ix_actions_client_id'), 'actions', ['client_id'], unique=False)
    op.create_index(op.f('ix_actions_goal_id'), 'actions', ['goal_id'], unique=False)
    op.create_table('conditions',
    sa.Column('referral_id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('sessions_needed', sa.Integer(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_conditions_client_id_clients')),
    sa.ForeignKeyConstraint(['referral_id'], ['referrals.id'], name=op.f('fk_conditions_referral_id_referrals')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conditions'))
    )
    op.create_index(op.f('ix_conditions_client_id'), 'conditions', ['client_id'], unique=False)
    op.create_index(op.f('ix_conditions_referral_id'), 'conditions', ['referral_id'], unique=False)
    op.create_table('incoming_texts',
    sa.Column('gateway_sid', sa.String(length=64), nullable=False),
    sa.Column('number', sa.LargeBinary(), nullable=False),
    sa.Column('number_index', sa.String(length=32), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('received_at', UTC_INSTANT, nullable=False),
    sa.Column('interpreted_at', UTC_INSTANT, nullable=True),
    sa.Column('meaning', sa.String(length=20), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=True),
    sa.Column('answers_text_id', sa.Integer(), nullable=True),
    sa.Column('read_at', UTC_INSTANT, nullable=True),
    sa.Column('read_by', sa.Integer(), nullable=True),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['answers_text_id'], ['texts.id'], name=op.f('fk_incoming_texts_answers_text_id_texts')),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_incoming_texts_client_id_clients')),
    sa.ForeignKeyConstraint(['read_by'], ['staff.id'], name=op.f('fk_incoming_texts_read_by_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incoming_texts')),
    sa.UniqueConstraint('gateway_sid', name=op.f('uq_incoming_texts_gateway_sid')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_incoming_texts_seal_id'))
    )
    op.create_index('ix_incoming_number', 'incoming_texts', ['number_index', 'received_at'], unique=False)
    op.create_index(op.f('ix_incoming_texts_client_id'), 'incoming_texts', ['client_id'], unique=False)
    op.create_index(op.f('ix_incoming_texts_interpreted_at'), 'incoming_texts', ['interpreted_at'], unique=False)
    op.create_table('occupancies',
    sa.Column('appointment_id', sa.Integer(), nullable=False),
    sa.Column('resource', sa.String(length=24), nullable=False),
    sa.Column('starts_at', UTC_INSTANT, nullable=False),
    sa.Column('ends_at', UTC_INSTANT, nullable=False),
    sa.Column('overbooked', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_occupancies_order')),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointments.id'], name=op.f('fk_occupancies_appointment_id_appointments')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_occupancies'))
    )
    op.create_index(op.f('ix_occupancies_appointment_id'), 'occupancies', ['appointment_id'], unique=False)
    op.create_index('ix_occupancies_resource_end', 'occupancies', ['resource', 'ends_at', 'starts_at'], unique=False)
    op.create_table('own_words',
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('goal_id', sa.Integer(), nullable=True),
    sa.Column('words', sa.LargeBinary(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('written_at', UTC_INSTANT, nullable=False),
    sa.Column('taken_back_at', UTC_INSTANT, nullable=True),
    sa.Column('seal_id', sa.String(length=32), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['clients.id'], name=op.f('fk_own_words_client_id_clients')),
    sa.ForeignKeyConstraint(['goal_id'], ['goals.id'], name=op.f('fk_own_words_goal_id_goals')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_own_words')),
    sa.UniqueConstraint('seal_id', name=op.f('uq_own_words_seal_id'))
    )
    op.create_index(op.f('ix_own_words_client_id'), 'own_words', ['client_id'], unique=False)
    op.create_index(op.f('ix_own_words_goal_id'), 'own_words', ['goal_id'], unique=False)
    op.create_table('text_statuses',
    sa.Column('text_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('reported_at', UTC_INSTANT, nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['text_id'], ['texts.id'], name=op.f('fk_text_statuses_text_id_texts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_text_statuses'))
    )
    op.create_index(op.f('ix_text_statuses_text_id'), 'text_statuses', ['text_id'], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(NO_OVERLAP_POSTGRESQL)
    else:
        op.execute(NO_OVERLAP_SQLITE)


def downgrade() -> None:
    op.drop_index(op.f('ix_text_statuses_text_id'), table_name='text_statuses')
    op.drop_table('text_statuses')
    op.drop_index(op.f('ix_own_words_goal_id'), table_name='own_words')
    op.drop_index(op.f('ix_own_words_client_id'), table_name='own_words')
    op.drop_table('own_words')
    op.drop_index('ix_occupancies_resource_end', table_name='occupancies')
    op.drop_index(op.f('ix_occupancies_appointment_id'), table_name='occupancies')
    op.drop_table('occupancies')
    op.drop_index(op.f('ix_incoming_texts_interpreted_at'), table_name='incoming_texts')
    op.drop_index(op.f('ix_incoming_texts_client_id'), table_name='incoming_texts')
    op.drop_index('ix_incoming_number', table_name='incoming_texts')
    op.drop_table('incoming_texts')
    op.drop_index(op.f('ix_conditions_referral_id'), table_name='conditions')
    op.drop_index(op.f('ix_conditions_client_id'), table_name='conditions')
    op.drop_table('conditions')
    op.drop_index(op.f('ix_actions_goal_id'), table_name='actions')
    op.drop_index(op.f('ix_actions_client_id'), table_name='actions')
    op.drop_table('actions')
    op.drop_index('ix_texts_subject', table_name='texts')
    op.drop_index('ix_texts_state_next', table_name='texts')
    op.drop_index('ix_texts_number_sent', table_name='texts')
    op.drop_index(op.f('ix_texts_gateway_sid'), table_name='texts')
    op.drop_index(op.f('ix_texts_client_id'), table_name='texts')
    op.drop_index('ix_texts_claimed', table_name='texts')
    op.drop_table('texts')
    op.drop_index('uq_tasks_once_open', table_name='tasks', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_index('ix_tasks_owner_open', table_name='tasks')
    op.drop_index(op.f('ix_tasks_client_id'), table_name='tasks')
    op.drop_index('ix_tasks_centre_open', table_name='tasks')
    op.drop_table('tasks')
    op.drop_index(op.f('ix_setup_codes_client_id'), table_name='setup_codes')
    op.drop_table('setup_codes')
    op.drop_index(op.f('ix_safe_contacts_number_index'), table_name='safe_contacts')
    op.drop_index(op.f('ix_safe_contacts_number_end_index'), table_name='safe_contacts')
    op.drop_index(op.f('ix_safe_contacts_client_id'), table_name='safe_contacts')
    op.drop_table('safe_contacts')
    op.drop_index(op.f('ix_risk_notes_client_id'), table_name='risk_notes')
    op.drop_table('risk_notes')
    op.drop_index(op.f('ix_restrictions_staff_id'), table_name='restrictions')
    op.drop_index(op.f('ix_restrictions_client_id'), table_name='restrictions')
    op.drop_table('restrictions')
    op.drop_index(op.f('ix_referrals_referrer_id'), table_name='referrals')
    op.drop_index(op.f('ix_referrals_client_id'), table_name='referrals')
    op.drop_table('referrals')
    op.drop_index(op.f('ix_portal_messages_client_id'), table_name='portal_messages')
    op.drop_table('portal_messages')
    op.drop_table('plans')
    op.drop_index(op.f('ix_kept_forms_client_id'), table_name='kept_forms')
    op.drop_table('kept_forms')
    op.drop_index(op.f('ix_kept_apart_other_id'), table_name='kept_apart')
    op.drop_index(op.f('ix_kept_apart_one_id'), table_name='kept_apart')
    op.drop_table('kept_apart')
    op.drop_index(op.f('ix_goals_client_id'), table_name='goals')
    op.drop_table('goals')
    op.drop_table('client_passcodes')
    op.drop_index('ix_appointments_worker_start', table_name='appointments')
    op.drop_index(op.f('ix_appointments_starts_at'), table_name='appointments')
    op.drop_index('ix_appointments_client_start', table_name='appointments')
    op.drop_index('ix_appointments_centre_start', table_name='appointments')
    op.drop_table('appointments')
    op.drop_index(op.f('ix_working_hours_staff_id'), table_name='working_hours')
    op.drop_index(op.f('ix_working_hours_centre_id'), table_name='working_hours')
    op.drop_table('working_hours')
    op.drop_index(op.f('ix_staff_links_staff_id'), table_name='staff_links')
    op.drop_table('staff_links')
    op.drop_table('staff_credentials')
    op.drop_table('services')
    op.drop_table('sending_stops')
    op.drop_index(op.f('ix_rooms_centre_id'), table_name='rooms')
    op.drop_table('rooms')
    op.drop_index(op.f('ix_opt_outs_number_index'), table_name='opt_outs')
    op.drop_table('opt_outs')
    op.drop_index(op.f('ix_opening_hours_centre_id'), table_name='opening_hours')
    op.drop_table('opening_hours')
    op.drop_index(op.f('ix_closures_centre_id'), table_name='closures')
    op.drop_table('closures')
    op.drop_index(op.f('ix_clients_keyworker_id'), table_name='clients')
    op.drop_index(op.f('ix_clients_centre_id'), table_name='clients')
    op.drop_table('clients')
    op.drop_table('centre_kinds')
    op.drop_table('centre_covers')
    op.drop_index(op.f('ix_absences_staff_id'), table_name='absences')
    op.drop_table('absences')
    op.drop_table('staff')
    op.drop_table('set_up_steps')
    op.drop_index('ix_sessions_actor', table_name='sessions')
    op.drop_table('sessions')
    op.drop_table('request_keys')
    op.drop_table('kinds')
    op.drop_table('heartbeats')
    op.drop_table('clock_shifts')
    op.drop_table('centres')
    op.drop_index('ix_audit_entries_client_at', table_name='audit_entries')
    op.drop_table('audit_entries')
    op.drop_table('attempt_counts')
