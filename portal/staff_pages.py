"""The back office's pages, one blueprint a room: a web server imports them when the first of them is asked for."""

from portal.accounts import desk_views as accounts_desk_views
from portal.accounts import me_views as accounts_me_views
from portal.accounts import staff_views as accounts_staff_views
from portal.backoffice import allocating_views as backoffice_allocating_views
from portal.backoffice import away_views as backoffice_away_views
from portal.backoffice import board_views as backoffice_board_views
from portal.backoffice import booking_needs_views as backoffice_booking_needs_views
from portal.backoffice import break_glass_views as backoffice_break_glass_views
from portal.backoffice import card_views as backoffice_card_views
from portal.backoffice import caseloads_views as backoffice_caseloads_views
from portal.backoffice import centre_move_views as backoffice_centre_move_views
from portal.backoffice import clients_views as backoffice_clients_views
from portal.backoffice import closing_views as backoffice_closing_views
from portal.backoffice import contact_views as backoffice_contact_views
from portal.backoffice import correction_views as backoffice_correction_views
from portal.backoffice import desk_views as backoffice_desk_views
from portal.backoffice import device_views as backoffice_device_views
from portal.backoffice import file_views as backoffice_file_views
from portal.backoffice import group_views as backoffice_group_views
from portal.backoffice import merge_views as backoffice_merge_views
from portal.backoffice import moving_views as backoffice_moving_views
from portal.backoffice import notes_views as backoffice_notes_views
from portal.backoffice import one_off_views as backoffice_one_off_views
from portal.backoffice import oversight_views as backoffice_oversight_views
from portal.backoffice import people_views as backoffice_people_views
from portal.backoffice import reach_views as backoffice_reach_views
from portal.backoffice import roles_views as backoffice_roles_views
from portal.backoffice import rota_views as backoffice_rota_views
from portal.backoffice import safe_contact_views as backoffice_safe_contact_views
from portal.backoffice import setup_views as backoffice_setup_views
from portal.backoffice import start_views as backoffice_start_views
from portal.backoffice import transfer_views as backoffice_transfer_views
from portal.backoffice import write_up_views as backoffice_write_up_views
from portal.booking import appointment_views as booking_appointment_views
from portal.booking import closing_views as booking_closing_views
from portal.booking import diary_views as booking_diary_views
from portal.booking import feed_views as booking_feed_views
from portal.booking import outside_views as booking_outside_views
from portal.booking import overbook_views as booking_overbook_views
from portal.booking import series_views as booking_series_views
from portal.booking import staff_views as booking_staff_views
from portal.booking import walk_in_views as booking_walk_in_views
from portal.centres import bank_holiday_views as centres_bank_holiday_views
from portal.centres import dated_views as centres_dated_views
from portal.centres import kind_views as centres_kind_views
from portal.centres import staff_views as centres_staff_views
from portal.diversion import condition_views as diversion_condition_views
from portal.diversion import refer_views as diversion_refer_views
from portal.diversion import referral_views as diversion_referral_views
from portal.diversion import report_views as diversion_report_views
from portal.diversion import staff_views as diversion_staff_views
from portal.feedback import staff_views as feedback_staff_views
from portal.groups import member_views as groups_member_views
from portal.groups import session_views as groups_session_views
from portal.groups import staff_views as groups_staff_views
from portal.groups import write_up_views as groups_write_up_views
from portal.help import staff_views as help_staff_views
from portal.languages import staff_views as languages_staff_views
from portal.messaging import batch_views as messaging_batch_views
from portal.messaging import phrase_views as messaging_phrase_views
from portal.messaging import planned_views as messaging_planned_views
from portal.messaging import search_views as messaging_search_views
from portal.messaging import staff_views as messaging_staff_views
from portal.messaging import template_views as messaging_template_views
from portal.messaging import transcript_views as messaging_transcript_views
from portal.messaging import triage_views as messaging_triage_views
from portal.partners import staff_views as partners_staff_views
from portal.plan import agreement_staff_views as plan_agreement_staff_views
from portal.plan import asking_staff_views as plan_asking_staff_views
from portal.plan import goal_staff_views as plan_goal_staff_views
from portal.plan import review_staff_views as plan_review_staff_views
from portal.plan import risk_views as plan_risk_views
from portal.plan import safety_staff_views as plan_safety_staff_views
from portal.plan import staff_views as plan_staff_views
from portal.reports import staff_views as reports_staff_views
from portal.waiting import staff_views as waiting_staff_views
from portal.worklist import staff_views as worklist_staff_views

BLUEPRINTS = (
    help_staff_views.staff,
    accounts_desk_views.public,
    accounts_desk_views.staff,
    accounts_staff_views.public,
    accounts_staff_views.staff,
    accounts_me_views.staff,
    backoffice_allocating_views.staff,
    backoffice_away_views.staff,
    backoffice_board_views.staff,
    backoffice_booking_needs_views.staff,
    backoffice_break_glass_views.staff,
    backoffice_card_views.staff,
    backoffice_caseloads_views.staff,
    backoffice_clients_views.staff,
    backoffice_contact_views.staff,
    backoffice_correction_views.staff,
    backoffice_desk_views.staff,
    backoffice_device_views.staff,
    backoffice_file_views.staff,
    backoffice_group_views.staff,
    backoffice_merge_views.staff,
    backoffice_moving_views.staff,
    backoffice_notes_views.staff,
    backoffice_one_off_views.staff,
    backoffice_oversight_views.staff,
    backoffice_people_views.staff,
    backoffice_reach_views.staff,
    backoffice_roles_views.staff,
    backoffice_rota_views.staff,
    backoffice_safe_contact_views.staff,
    backoffice_setup_views.staff,
    backoffice_start_views.staff,
    backoffice_centre_move_views.staff,
    backoffice_closing_views.staff,
    backoffice_transfer_views.staff,
    backoffice_write_up_views.staff,
    centres_bank_holiday_views.staff,
    centres_dated_views.staff,
    centres_kind_views.staff,
    centres_staff_views.staff,
    worklist_staff_views.staff,
    languages_staff_views.staff,
    messaging_staff_views.staff,
    messaging_batch_views.staff,
    messaging_phrase_views.staff,
    messaging_planned_views.staff,
    messaging_search_views.staff,
    messaging_template_views.staff,
    messaging_transcript_views.staff,
    messaging_triage_views.staff,
    booking_outside_views.staff,
    booking_overbook_views.staff,
    booking_series_views.staff,
    booking_staff_views.staff,
    booking_appointment_views.staff,
    booking_closing_views.staff,
    booking_feed_views.staff,
    booking_walk_in_views.staff,
    booking_diary_views.staff,
    groups_staff_views.staff,
    groups_member_views.staff,
    groups_session_views.staff,
    groups_write_up_views.staff,
    plan_staff_views.staff,
    plan_goal_staff_views.staff,
    plan_risk_views.staff,
    plan_safety_staff_views.staff,
    diversion_refer_views.staff,
    diversion_referral_views.staff,
    diversion_condition_views.staff,
    diversion_report_views.staff,
    plan_asking_staff_views.staff,
    plan_agreement_staff_views.staff,
    plan_review_staff_views.staff,
    diversion_staff_views.staff,
    partners_staff_views.staff,
    feedback_staff_views.staff,
    reports_staff_views.staff,
    waiting_staff_views.staff,
)
