"""create_app: the one place where everything meets."""

import os
from pathlib import Path

from flask import Flask, abort, request
from jinja2 import FileSystemBytecodeCache
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import cli
from portal.accounts import sessions
from portal.accounts import staff_views as accounts_staff_views
from portal.accounts import views as accounts_views
from portal.backoffice import board_views as backoffice_board_views
from portal.backoffice import booking_needs_views as backoffice_booking_needs_views
from portal.backoffice import clients_views as backoffice_clients_views
from portal.backoffice import file_views as backoffice_file_views
from portal.backoffice import oversight_views as backoffice_oversight_views
from portal.backoffice import people_views as backoffice_people_views
from portal.backoffice import safe_contact_views as backoffice_safe_contact_views
from portal.backoffice import setup_views as backoffice_setup_views
from portal.booking import diary_views as booking_diary_views
from portal.booking import reminders
from portal.booking import series_views as booking_series_views
from portal.booking import staff_views as booking_staff_views
from portal.booking import views as booking_views
from portal.centres import kind_views as centres_kind_views
from portal.centres import staff_views as centres_staff_views
from portal.core import crypto, database, extensions, logs
from portal.core.settings import LOOPBACK_HOSTS, Settings, SettingsInvalid
from portal.diversion import staff_views as diversion_staff_views
from portal.diversion import views as diversion_views
from portal.help import staff_views as help_staff_views
from portal.help import views as help_views
from portal.home import own_views as home_own_views
from portal.home import views as home_views
from portal.jobs import views as jobs_views
from portal.messaging import demo_views as messaging_demo_views
from portal.messaging import staff_views as messaging_staff_views
from portal.messaging import views as messaging_views
from portal.messaging import webhooks as messaging_webhooks
from portal.plan import staff_views as plan_staff_views
from portal.plan import views as plan_views
from portal.web import compression, context, cookies, demo_clock, errors, filters, guards, headers, leave, locale
from portal.web.routing import LateRule
from portal.worklist import staff_views as worklist_staff_views

ROOT = Path(__file__).resolve().parent.parent
LARGEST_REQUEST = 512 * 1024

BLUEPRINTS = (
    leave.public,
    home_views.public,
    home_own_views.own,
    jobs_views.operations,
    help_views.public,
    help_staff_views.staff,
    accounts_views.public,
    accounts_views.own,
    accounts_staff_views.public,
    accounts_staff_views.staff,
    backoffice_board_views.staff,
    backoffice_booking_needs_views.staff,
    backoffice_clients_views.staff,
    backoffice_file_views.staff,
    backoffice_oversight_views.staff,
    backoffice_people_views.staff,
    backoffice_safe_contact_views.staff,
    backoffice_setup_views.staff,
    centres_kind_views.staff,
    centres_staff_views.staff,
    worklist_staff_views.staff,
    messaging_views.own,
    messaging_staff_views.staff,
    messaging_webhooks.gateway,
    messaging_demo_views.demo,
    booking_views.own,
    booking_series_views.staff,
    booking_staff_views.staff,
    booking_diary_views.staff,
    plan_views.own,
    plan_staff_views.staff,
    diversion_views.own,
    diversion_staff_views.staff,
)


def create_app(settings: Settings) -> Flask:
    """Build the portal for one place of running; connects this process to its database and keys."""
    logs.configure(settings.log_level)
    crypto.use(settings.keyring)
    database.connect(settings.database_url)
    app = Flask("portal", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.url_rule_class = LateRule
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        SEND_FILE_MAX_AGE_DEFAULT=31536000,
        SESSION_COOKIE_NAME=leave.cookie_name(settings, "week"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,
        # The check compares the address outside with the Referer; R39's policy sends that over HTTPS.
        WTF_CSRF_SSL_STRICT=settings.https,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
        BABEL_DEFAULT_TIMEZONE="Europe/London",
    )
    app.jinja_env.bytecode_cache = _template_cache()
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    # As babel.cfg collects them: a text that runs over several lines is one line to its translator.
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.session_interface = cookies.CookieSession()
    app.extensions[guards.SETTINGS] = settings
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]  # Flask's own way
    if settings.demo:
        app.before_request(_loopback_only)
    app.teardown_appcontext(lambda _error: database.session.remove())
    compression.init_app(app)
    context.init_app(app, settings)
    headers.init_app(app, settings)
    leave.init_app(app)
    filters.init_app(app)
    errors.init_app(app)
    extensions.babel.init_app(app, locale_selector=locale.select_locale)
    # Its own context processor would ask the database for every page, /now and the error pages among them.
    extensions.login_manager.init_app(app, add_context_processor=False)
    extensions.csrf.init_app(app)
    sessions.init_app(app)
    reminders.register_texts()
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    cli.init_app(app, settings)
    if not settings.demo:
        from portal.jobs import first_start

        app.extensions["portal_practice"] = first_start.practice
    demo_clock.follow(settings)
    return app


def _template_cache() -> FileSystemBytecodeCache | None:
    """Compiled templates, kept from one start to the next; without a place to keep them they are compiled anew."""
    folder = ROOT / "build" / "templates"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None


def app_for_commands() -> Flask:
    """The app behind the `flask` command; with faulty settings it still answers `flask settings check`."""
    try:
        return create_app(Settings.from_env(os.environ))
    except SettingsInvalid as fault:
        app = Flask("portal")
        cli.init_faulty(app, fault.faults)
        return app


def _loopback_only() -> None:
    """The demo has made-up secrets, so it answers nobody beyond this machine, however it was started."""
    if request.remote_addr not in (*LOOPBACK_HOSTS, None):
        abort(403)
