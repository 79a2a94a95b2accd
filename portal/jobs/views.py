"""For operators: is the process up, are database and worker well, and counts for Prometheus."""

import hmac
from datetime import timedelta

from flask import Response, abort, jsonify, request
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from portal.core import clock
from portal.core.database import session
from portal.jobs import alarm
from portal.jobs.models import Heartbeat
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.guards import settings

operations = AudienceBlueprint("operations", __name__, Audience.OPERATIONS)

WORKER_ALIVE = timedelta(seconds=120)


@operations.get("/health")
def health() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@operations.get("/ready")
def ready():
    """The database answers and the worker did its duties in the last two minutes; names those ten minutes late."""
    try:
        beats = alarm.beats()
    except SQLAlchemyError:
        session.rollback()
        return jsonify(database="unavailable", worker="unknown"), 503
    # A duty that never ended well has no beat at all.
    alive = len(beats) == len(alarm.WATCHED) and clock.real_now() - min(beats.values()) < WORKER_ALIVE
    late = alarm.late(beats, clock.real_now())
    named = {"late": late} if late else {}
    return jsonify(database="ok", worker="ok" if alive else "late", **named), 200 if alive else 503


@operations.get("/metrics")
def metrics() -> Response:
    """Counts by state, without a word about anybody; needs the bearer token."""
    token = settings().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(token.encode(), given.encode()):
        abort(404)
    return Response(_exposition(), mimetype="text/plain; version=0.0.4")


def _exposition() -> str:
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    from portal.messaging import redaction
    from portal.messaging.models import Text
    from portal.worklist.models import Task

    registry = CollectorRegistry()
    texts = Gauge("portal_texts", "Texts by state", ["state"], registry=registry)
    for state, count in session.execute(select(Text.state, func.count()).group_by(Text.state)):
        texts.labels(state).set(count)
    tasks = Gauge("portal_open_tasks", "Open tasks for people", registry=registry)
    tasks.set(session.scalar(select(func.count()).where(Task.closed_at.is_(None))) or 0)
    to_redact = Gauge("portal_texts_to_redact", "Ended texts whose words the gateway still has", registry=registry)
    to_redact.set(redaction.waiting(clock.now()))
    duties = Gauge(
        "portal_duty_age_seconds", "Seconds since a duty of the worker ended well", ["duty"], registry=registry
    )
    for beat in session.scalars(select(Heartbeat)):
        duties.labels(beat.duty).set((clock.real_now() - beat.beat_at).total_seconds())
    late = Gauge("portal_duty_late", "1 when a duty has not ended well for ten minutes", ["duty"], registry=registry)
    late_now = alarm.late(alarm.beats(), clock.real_now())
    for duty in alarm.WATCHED:
        late.labels(duty).set(duty in late_now)
    return generate_latest(registry).decode()
