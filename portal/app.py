"""create_app: the one place where everything meets."""

import os
from pathlib import Path

from flask import Flask, abort, request
from jinja2 import FileSystemBytecodeCache
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.core import database, extensions
from portal.core.settings import LOOPBACK_HOSTS, Settings, SettingsInvalid
from portal.help import views as help_views
from portal.home import views as home_views
from portal.jobs import views as jobs_views
from portal.process import connect, register_texts
from portal.web import (
    compression,
    context,
    cookies,
    errors,
    filters,
    floods,
    guards,
    headers,
    leave,
    locale,
    sheet,
    static,
)
from portal.web.routing import LateRule, RowIdConverter

ROOT = Path(__file__).resolve().parent.parent
LARGEST_REQUEST = 512 * 1024

AT_THE_DOOR = (leave.public, home_views.public, help_views.public, jobs_views.operations)
"""What a web server loads at once; what she sees who came in is in `her_pages`, the back office in `staff_pages`."""


def create_app(settings: Settings) -> Flask:
    """Build the whole portal for one place of running; connects this process to its database and keys."""
    connect(settings)
    return whole(settings)


def whole(settings: Settings) -> Flask:
    """Her pages, the back office's and the commands, in a process that is connected."""
    from portal import cli, staff_pages
    from portal.jobs import warnings

    app = without_staff(settings)
    for blueprint in staff_pages.BLUEPRINTS:
        app.register_blueprint(blueprint)
    cli.init_app(app, settings)
    app.extensions["portal_warnings"] = warnings.warnings
    if not settings.demo:
        from portal.jobs import first_start

        app.extensions["portal_practice"] = first_start.practice
    return app


def without_staff(settings: Settings) -> Flask:
    """Her pages, the public ones, and what machines ask for, in a process that is connected."""
    from portal import her_pages

    register_texts()
    app = at_the_door(settings)
    her_pages.init_app(app)
    return app


def for_commands(settings: Settings) -> Flask:
    """What the `flask` commands need: every table and what texts say, none of the pages."""
    from portal import cli
    from portal.jobs import tables  # noqa: F401  # for the tables alone

    register_texts()
    app = at_the_door(settings)
    cli.init_app(app, settings)
    return app


def at_the_door(settings: Settings) -> Flask:
    """What anybody may ask for who has not come in: the front page, help, whether the process is up."""
    app = Flask("portal", root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.url_rule_class = LateRule
    app.url_map.converters["int"] = RowIdConverter
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
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
    static.init_app(app, ROOT / "static", ROOT / "build" / "static")
    compression.init_app(app)
    context.init_app(app, settings)
    headers.init_app(app, settings)
    sheet.init_app(app)
    leave.init_app(app)
    floods.init_app(app, settings)
    filters.init_app(app)
    errors.init_app(app)
    locale.init_app(app)
    extensions.babel.init_app(app, locale_selector=locale.select_locale)
    # Its own context processor would ask the database for every page, /now and the error pages among them.
    extensions.login_manager.init_app(app, add_context_processor=False)
    extensions.csrf.init_app(app)
    for blueprint in AT_THE_DOOR:
        app.register_blueprint(blueprint)
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
        settings = Settings.from_env(os.environ)
        connect(settings)
        return for_commands(settings)
    except SettingsInvalid as fault:
        from portal import cli

        app = Flask("portal")
        cli.init_faulty(app, fault.faults)
        return app


def _loopback_only() -> None:
    """The demo has made-up secrets, so it answers nobody beyond this machine, however it was started."""
    if request.remote_addr not in (*LOOPBACK_HOSTS, None):
        abort(403)
