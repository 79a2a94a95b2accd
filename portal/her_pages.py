"""Her own pages and what gateways ask for, with their rooms: imported right after a web server's first answer."""

from flask import Flask

from portal.accounts import own_views as accounts_own_views
from portal.accounts import sessions
from portal.accounts import views as accounts_views
from portal.booking import feed_views as booking_feed_views
from portal.booking import views as booking_views
from portal.diversion import intake_views as diversion_intake_views
from portal.diversion import views as diversion_views
from portal.feedback import views as feedback_views
from portal.groups import views as groups_views
from portal.help import own_views as help_own_views
from portal.home import own_views as home_own_views
from portal.messaging import demo_views as messaging_demo_views
from portal.messaging import views as messaging_views
from portal.messaging import webhooks as messaging_webhooks
from portal.partners import views as partners_views
from portal.plan import action_views as plan_action_views
from portal.plan import agreement_views as plan_agreement_views
from portal.plan import goal_views as plan_goal_views
from portal.plan import safety_views as plan_safety_views
from portal.plan import topic_views as plan_topic_views
from portal.plan import views as plan_views
from portal.waiting import views as waiting_views

BLUEPRINTS = (
    home_own_views.own,
    help_own_views.own,
    accounts_views.public,
    accounts_views.own,
    accounts_own_views.own,
    messaging_views.own,
    messaging_webhooks.gateway,
    messaging_demo_views.demo,
    booking_views.own,
    groups_views.own,
    booking_feed_views.own,
    booking_feed_views.gateway,
    plan_views.own,
    plan_topic_views.own,
    plan_agreement_views.own,
    plan_goal_views.own,
    plan_action_views.own,
    plan_safety_views.own,
    diversion_intake_views.public,
    diversion_views.own,
    partners_views.own,
    feedback_views.public,
    waiting_views.own,
)


def init_app(app: Flask) -> None:
    """Add the pages, and who is signed in."""
    sessions.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
