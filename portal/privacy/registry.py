"""The class of every column of every table: public, internal, personal or special; a test fails on an unclassed one.

`personal` and `special` (UK GDPR article 9 and 10 data, and what could put her at risk) are sealed, or are codes,
one-way indexes and instants that stay plain so that they can be counted and looked up; those are named in PLAIN.
"""

CLASSES: dict[str, dict[str, str]] = {
    "absences": {"internal": "id staff_id starts_at ends_at covered_by"},
    "actions": {
        "internal": "id seal_id client_id goal_id revision language note_language added_by_kind added_by added_at "
        "withdrawn_at",
        "personal": "doer due_on status status_at reminder_wanted",
        "special": "what note",
    },
    "appointments": {
        "internal": "id seal_id kind_id centre_id worker_id room_id revision supersedes_id walk_in booked_by_kind "
        "booked_by_id booked_at settles_at session_id ended_at ended_by_kind ended_by_id marked_by marked_at",
        "personal": "client_id starts_at ends_at state answer answered_at arrived_at went_in_at left_at attendance "
        "overbooked_reason end_reason",
    },
    "attempt_counts": {"internal": "id bucket started_at failures"},
    "audit_entries": {
        "internal": "id at actor_kind actor_id actor_role action client_id subject reason position chain_hash"
    },
    "avoided_centres": {"internal": "id", "special": "client_id centre_id"},
    "avoided_workers": {"internal": "id", "special": "client_id staff_id"},
    "bank_holidays": {"public": "on name by_rule"},
    "booking_needs": {
        "internal": "id client_id recorded_by recorded_at",
        "special": "step_free female_interpreter childcare fares quiet_room child_corner",
    },
    "broken_glass": {
        "internal": "id seal_id client_id staff_id reason opened_at until_at judged_by judged_at was_right",
        "special": "words judgement",
    },
    "calendar_feeds": {"internal": "id staff_id token_index made_at read_at revoked_at"},
    "centre_covers": {"internal": "staff_id centre_id"},
    "centre_kinds": {"public": "centre_id kind_id"},
    "centre_moves": {
        "internal": "id from_keyworker_id to_keyworker_id moved_by moved_at",
        "personal": "client_id from_centre_id to_centre_id",
    },
    "centres": {"public": "id name borough door phone creche archived"},
    "client_imports": {
        "internal": "id seal_id made_by checked_at imported_at undone_by undone_at",
        "special": "content",
    },
    "client_passcodes": {"internal": "client_id set_at", "personal": "passcode_hash"},
    "client_merges": {
        "internal": "id seal_id kept_id merged_id merged_by merged_at undone_by undone_at",
        "special": "moved",
    },
    "clients": {
        "internal": "id seal_id keyworker_id centre_id state sign_in_paused shows_worker_name safety_plan_online "
        "sensitive_goals_online messages_online safe_contact_online report_online seen_by_online calendar_online "
        "opened_at closed_at merged_into_id managers_only",
        "personal": "code_name code_name_index called_name language pages_language listed_number listed_number_index "
        "nothing_before_on",
        "special": "preparation",
    },
    "clock_shifts": {"internal": "portal_now seconds"},
    "closed_days": {"internal": "id centre_id worker_id session_id on started_by started_at"},
    "closings": {
        "internal": "id seal_id client_id closed_by closed_at follow_up_on followed_up_by followed_up_at reopened_by "
        "reopened_at",
        "personal": "reason follow_up_result",
        "special": "checklist",
    },
    "closures": {"public": "id centre_id starts_on ends_on", "internal": "reason"},
    "condition_changes": {
        "internal": "id client_id condition_id changed_by changed_at",
        "personal": "old_sessions new_sessions old_due_on new_due_on",
        "special": "reason",
    },
    "conditions": {
        "internal": "id referral_id client_id withdrawn_by withdrawn_at",
        "personal": "what sessions_needed due_on withdrawn_why",
    },
    "course_places": {
        "internal": "id course_id of_places number held_until_at joined_by_kind joined_by_id left_by_kind left_by_id",
        "personal": "client_id joined_at left_at",
    },
    "courses": {"internal": "id kind_id centre_id worker_id room_id places join_late made_by made_at ended_at"},
    "devices": {
        "internal": "id kind name centre_id made_by made_at code_index code_expires_at token_index paired_at seen_on "
        "revoked_at"
    },
    "disposals": {"public": "id code name archived position"},
    "drop_ins": {"internal": "id centre_id on number"},
    "duty_calls": {"internal": "id task_id staff_id position state wanted_at claimed_at sent_at answered_at"},
    "duty_shifts": {"internal": "id staff_id weekday local_from local_until position"},
    "feedback": {"internal": "id seal_id centre_id month listened helped welcome easy", "special": "words"},
    "excused_sessions": {
        "internal": "id client_id condition_id appointment_id excused_by excused_at taken_back_by taken_back_at",
        "special": "reason",
    },
    "goals": {
        "internal": "id seal_id client_id position revision language added_by_kind added_by added_at withdrawn_at "
        "withdrawn_by_kind",
        "special": "pathway her_words worker_words why_matters",
    },
    "group_sessions": {"internal": "id course_id worker_id room_id starts_at ends_at cancelled_at"},
    "heartbeats": {"internal": "duty beat_at"},
    "hit_by_closing": {
        "internal": "id closed_day_id appointment_id new_appointment_id rung_by rung_at",
        "personal": "client_id",
    },
    "imported_clients": {"internal": "id import_id client_id state_as_made"},
    "incoming_texts": {
        "internal": "id seal_id gateway_sid received_at interpreted_at client_id answers_text_id read_at read_by "
        "redacted_at redact_at redact_tries",
        "personal": "number number_index",
        "special": "body meaning",
    },
    "kept_apart": {"personal": "id one_id other_id"},
    "kept_staff_forms": {"internal": "id seal_id session_id expires_at", "special": "typed"},
    "kept_forms": {"internal": "id seal_id client_id kept_at expires_at", "special": "typed"},
    "language_steps": {"internal": "id language number step words reader read_on taken_by taken_at"},
    "kept_wordings": {
        "internal": "id seal_id client_id goal_id action_id field revision language replaced_by_kind replaced_by_id "
        "replaced_at",
        "special": "text",
    },
    "kinds": {
        "public": "id names bring mode minutes buffer_before buffer_after least_notice_minutes furthest_days "
        "change_until_minutes cancel_until_minutes needs_room group own_keyworker_only bookable_by_clients "
        "one_at_a_time counts archived"
    },
    "offers": {
        "internal": "id wait_id centre_id worker_id room_id offered_at lapses_at answered_by_kind answered_by_id "
        "appointment_id",
        "personal": "client_id starts_at ends_at state answered_at",
    },
    "need_answers": {
        "internal": "id seal_id client_id language answered_by_kind answered_by_id answered_at",
        "personal": "moment position",
        "special": "pathway need strength",
    },
    "occupancies": {"internal": "id appointment_id session_id offer_id resource starts_at ends_at overbooked"},
    "opening_hours": {"public": "id centre_id weekday local_from local_until only_on"},
    "opt_outs": {"internal": "id opted_out_at undone_at undone_by", "personal": "number_index"},
    "outcomes": {
        "internal": "id appointment_id recorded_by recorded_at",
        "personal": "client_id happened reason_class offered",
    },
    "outside_restrictions": {"internal": "id seal_id client_id recorded_by since_at", "special": "kind name"},
    "own_words": {
        "internal": "id seal_id client_id goal_id language written_at taken_back_at replaces_id corrected_at",
        "special": "words",
    },
    "partner_agreements": {
        "internal": "id referral_id client_id how recorded_by said_at",
        "special": "item agreed",
    },
    "partner_referrals": {
        "internal": "id seal_id client_id service_id state outcome revision made_by made_at state_at",
        "special": "kind name what_for told",
    },
    "partner_steps": {
        "internal": "id referral_id client_id state reason happened_on noted_at by_kind by_id",
    },
    "passkeys": {
        "internal": "id seal_id staff_id credential_index sign_count made_at used_at stopped_at stopped_why",
        "personal": "credential_id public_key name",
    },
    "phrases": {"internal": "id language meaning words off changed_by changed_at"},
    "plan_versions": {
        "internal": "id seal_id client_id number shared_at shared_by language answered_by_kind answered_by_id "
        "answered_at",
        "personal": "answer",
        "special": "content answer_words",
    },
    "plans": {"internal": "id client_id started_at", "personal": "state agreed_on review_on"},
    "police_reports": {
        "internal": "id seal_id client_id referral_id condition_id replaces_id drafted_by drafted_at confirmed_by "
        "confirmed_at sent_how sent_by sent_at ended_why ended_by ended_at",
        "special": "status reason_class content sent_to sent_to_words",
    },
    "portal_messages": {"internal": "id seal_id client_id staff_id written_at read_at", "special": "body"},
    "practical_helps": {
        "internal": "id appointment_id set_by set_at",
        "personal": "client_id childcare_places fare interpreter interpreter_is_woman companion",
    },
    "ratings": {
        "internal": "id client_id rated_at",
        "personal": "moment with_worker",
        "special": "pathway score",
    },
    "quarter_numbers": {"internal": "id starts_on taken_at numbers"},
    "recovery_codes": {"internal": "id staff_id made_at used_at", "personal": "code_index"},
    "referrals": {
        "internal": "id seal_id client_id referrer_id referred_on recorded_at state asked_by_kind taken_by agreed_at "
        "agreed_how decided_at decided_by declined_reason allocated_at allocated_by first_contact_due_at "
        "first_contact_at first_contact_by first_contact_how",
        "personal": "borough said_number_index",
        "special": "source police_area disposal disposal_on reference offence_group reporter_is_family release_on "
        "said_contact said_must_not_know",
    },
    "request_keys": {"internal": "id actor_kind actor_id request_key made claimed_at"},
    "reviews": {
        "internal": "id seal_id client_id held_by made_at recorded_at",
        "personal": "kind due_on held_on held_with decided",
        "special": "her_words",
    },
    "risk_assessments": {
        "internal": "id seal_id client_id done_by done_on recorded_at next_on",
        "special": "kind score judgement marac marac_on told_her_first why_not note",
    },
    "restrictions": {"internal": "until_settled", "personal": "id client_id staff_id since_at"},
    "risk_notes": {"internal": "id seal_id client_id noted_by noted_at", "special": "note"},
    "rooms": {"internal": "id centre_id name step_free child_corner quiet archived"},
    "safe_contacts": {
        "internal": "id seal_id client_id version asked_by asked_on check_again_on recorded_at proved_at sign_at",
        "personal": "may_text number number_index number_end_index whose_phone pause_until wording names_worker "
        "text_language voice_language may_reply auto_reply may_ring may_leave_message may_say_who code_word_hash "
        "stopped_at stable_phone stable_home reminds_week_before reminds_same_morning code_by_text "
        "may_post post_to may_email email",
        "special": "who_else_sees safe_hours cover_phrase trusted_person",
    },
    "set_up_steps": {"internal": "step done_at"},
    "safety_plans": {
        "internal": "id seal_id client_id version language worker_may_read written_by_kind written_by_id written_at "
        "taken_back_at",
        "special": "parts",
    },
    "sending_stops": {"internal": "id stopped_at stopped_by why women_only ended_at ended_by"},
    "services": {
        "public": "id key name helps_with needs audience boroughs phone sms sms_say web hours hours_note cost "
        "bill_note "
        "languages access emergency source source_date status published position checked_at check_due_on",
        "internal": "checked_by",
    },
    "session_notes": {
        "internal": "id seal_id client_id appointment_id is_opinion third_party safe_to_show written_by written_at",
        "special": "note",
    },
    "sessions": {
        "internal": "id token_index actor_kind actor_id kind by_text device started_at seen_at stepped_up_at ended_at "
        "device_id locked_at"
    },
    "setup_codes": {"internal": "id client_id code_index made_by made_at expires_at used_at"},
    "staff": {
        "internal": "id seal_id role languages active safeguarding_lead joined_at",
        "personal": "name first_name email email_index duty_number duty_number_index",
    },
    "staff_credentials": {"internal": "staff_id seal_id last_step set_at", "personal": "password_hash totp_secret"},
    "staff_links": {
        "internal": "id seal_id staff_id token_index made_at expires_at used_at",
        "personal": "totp_secret",
    },
    "staff_notes": {
        "internal": "id seal_id client_id is_opinion third_party safe_to_show written_by written_at corrects_id "
        "corrects_session_id appointment_id",
        "special": "body",
    },
    "staff_tests": {
        "internal": "id seal_id wanted_by wanted_at state claimed_at settled_at",
        "personal": "number number_index",
    },
    "tasks": {
        "internal": "id seal_id client_id owner_id centre_id subject once raised_at due_at taken_by taken_at "
        "second_id escalated_at closed_at closed_by done",
        "personal": "kind",
        "special": "note",
    },
    "text_batches": {"internal": "id seal_id made_by made_at stopped_at", "special": "body left_out"},
    "text_statuses": {"internal": "id text_id gateway_sid status code reported_at"},
    "text_templates": {"internal": "id title language body changed_by changed_at archived"},
    "text_codes": {
        "internal": "id browser_index client_id code_index tries asked_at looked_at expires_at ended_at",
        "personal": "code_name_index",
    },
    "texts": {
        "internal": "id seal_id client_id kind subject once language parts offers_replies written_by state reason "
        "send_at not_after_at "
        "wanted_at tries claimed_at claimed_by looked_up looked_up_at gateway_sid gateway_code sent_at settled_at "
        "batch_id redacted_at redact_at redact_tries",
        "personal": "number number_index",
        "special": "facts body",
    },
    "thread_marks": {"internal": "id client_id kind made_by from_id to_id made_at"},
    "used_challenges": {"internal": "id challenge_index used_at"},
    "walk_ins": {
        "internal": "id seal_id centre_id client_id urgent came_at state worker_id noted_by settled_at",
        "personal": "called_name",
        "special": "needs",
    },
    "waits": {
        "internal": "id kind_id course_id centre_id appointment_id added_by_kind added_by_id",
        "personal": "client_id suits since_at ended_at ended_why",
    },
    "worker_views": {
        "internal": "id seal_id client_id viewed_by viewed_at",
        "personal": "moment",
        "special": "pathway need words",
    },
    "working_hours": {"internal": "id staff_id centre_id weekday local_from local_until only_on"},
}

PLAIN: frozenset[str] = frozenset(
    {
        "actions.doer", "actions.due_on", "actions.status", "actions.status_at",
        "actions.reminder_wanted",
        "appointments.client_id", "appointments.starts_at", "appointments.ends_at", "appointments.state",
        "appointments.answer", "appointments.answered_at", "appointments.arrived_at", "appointments.went_in_at",
        "appointments.left_at", "appointments.attendance",
        "avoided_centres.client_id", "avoided_centres.centre_id",
        "avoided_workers.client_id", "avoided_workers.staff_id",
        "booking_needs.step_free", "booking_needs.female_interpreter", "booking_needs.childcare",
        "booking_needs.fares", "booking_needs.quiet_room", "booking_needs.child_corner",
        "client_passcodes.passcode_hash",
        "clients.code_name_index", "clients.language", "clients.pages_language", "clients.listed_number_index",
        "clients.nothing_before_on",
        "conditions.sessions_needed", "conditions.due_on",
        "centre_moves.client_id", "centre_moves.from_centre_id", "centre_moves.to_centre_id",
        "closings.reason", "closings.follow_up_result",
        "condition_changes.old_sessions", "condition_changes.new_sessions", "condition_changes.old_due_on",
        "condition_changes.new_due_on", "condition_changes.reason",
        "conditions.what", "conditions.withdrawn_why",
        "course_places.client_id", "course_places.joined_at", "course_places.left_at",
        "excused_sessions.reason",
        "goals.pathway",
        "hit_by_closing.client_id",
        "incoming_texts.number_index", "incoming_texts.meaning",
        "kept_apart.id", "kept_apart.one_id", "kept_apart.other_id",
        "need_answers.pathway", "need_answers.moment", "need_answers.need", "need_answers.position",
        "offers.client_id", "offers.starts_at", "offers.ends_at", "offers.state", "offers.answered_at",
        "opt_outs.number_index",
        "outcomes.client_id", "outcomes.happened", "outcomes.reason_class", "outcomes.offered",
        "outside_restrictions.kind",
        "plan_versions.answer",
        "partner_agreements.item", "partner_agreements.agreed", "partner_referrals.kind",
        "police_reports.status", "police_reports.reason_class", "police_reports.sent_to",
        "plans.state", "plans.agreed_on", "plans.review_on",
        "practical_helps.client_id", "practical_helps.childcare_places", "practical_helps.fare",
        "practical_helps.interpreter", "practical_helps.interpreter_is_woman", "practical_helps.companion",
        "ratings.pathway", "ratings.moment", "ratings.score", "ratings.with_worker",
        "recovery_codes.code_index",
        "referrals.source", "referrals.disposal", "referrals.reporter_is_family",
        "reviews.kind", "reviews.due_on", "reviews.held_on", "reviews.held_with", "reviews.decided",
        "referrals.borough",
        "referrals.police_area", "referrals.disposal_on", "referrals.release_on", "referrals.said_number_index",
        "restrictions.id", "restrictions.client_id", "restrictions.staff_id", "restrictions.since_at",
        "risk_assessments.kind", "risk_assessments.score", "risk_assessments.judgement", "risk_assessments.marac",
        "risk_assessments.marac_on", "risk_assessments.told_her_first",
        "safe_contacts.may_text", "safe_contacts.number_index", "safe_contacts.number_end_index",
        "safe_contacts.whose_phone", "safe_contacts.pause_until", "safe_contacts.wording",
        "safe_contacts.names_worker", "safe_contacts.text_language", "safe_contacts.voice_language",
        "safe_contacts.may_reply", "safe_contacts.auto_reply", "safe_contacts.may_ring",
        "safe_contacts.may_leave_message", "safe_contacts.may_say_who", "safe_contacts.code_word_hash",
        "safe_contacts.stopped_at", "safe_contacts.stable_phone", "safe_contacts.stable_home",
        "safe_contacts.reminds_week_before", "safe_contacts.reminds_same_morning", "safe_contacts.may_post",
        "safe_contacts.may_email", "safe_contacts.code_by_text",
        "staff_tests.number_index",
        "staff.email_index", "staff.duty_number_index", "staff_credentials.password_hash",
        "tasks.kind", "text_codes.code_name_index", "texts.number_index",
        "waits.client_id", "waits.suits", "waits.since_at", "waits.ended_at", "waits.ended_why",
        "worker_views.pathway", "worker_views.moment", "worker_views.need",
    }
)  # fmt: skip
"""Personal and special columns that are not sealed: codes for counting, one-way indexes and hashes, instants, ids."""


def class_of(table: str, column: str) -> str | None:
    """The class of a column, or None when nobody has classed it."""
    return next((name for name, columns in CLASSES.get(table, {}).items() if column in columns.split()), None)


def is_special(table: str) -> bool:
    """Whether a table holds what could put her at risk in somebody else's hands."""
    return "special" in CLASSES.get(table, {})
