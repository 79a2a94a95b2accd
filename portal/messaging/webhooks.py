"""What the text gateway calls: the signature is checked, what came is stored, the worker decides what it means."""

from flask import Response, abort, request

from portal.core import clock
from portal.core.database import unit_of_work
from portal.core.extensions import csrf
from portal.messaging import incoming, receipts
from portal.sms.twilio import signature_is_valid
from portal.web.blueprints import Audience, AudienceBlueprint
from portal.web.guards import settings

gateway = AudienceBlueprint("messaging_gateway", __name__, Audience.GATEWAY)
# The gateway has no session: its signature stands in for the token.
csrf.exempt(gateway)

_NO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
LONGEST_CALL = 64 * 1024
"""Bytes of a call: the gateway's are a tenth of it. More is not even read."""
_LONGEST_SID, _LONGEST_NUMBER, _LONGEST_BODY = 64, 40, 4000


@gateway.before_request
def _signed() -> None:
    """A forged call costs a hash and nothing else; a signed one is never held up, as no text may be lost."""
    request.max_content_length = LONGEST_CALL
    request.max_form_memory_size = LONGEST_CALL
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    url = f"{settings().public_url}{request.path}{query}"
    if not signature_is_valid(
        settings().twilio_auth_token, url, request.form, request.headers.get("X-Twilio-Signature")
    ):
        abort(403)


@gateway.post("/sms/in")
def text_in() -> Response:
    """Store a text that came in; told twice, it is kept once."""
    sid, number, body = request.form.get("MessageSid", ""), request.form.get("From", ""), request.form.get("Body", "")
    if not 0 < len(sid) <= _LONGEST_SID or not 0 < len(number) <= _LONGEST_NUMBER:
        abort(400)
    with unit_of_work():
        incoming.receive(sid, number, body[:_LONGEST_BODY], clock.now())
    return Response(_NO_ANSWER, mimetype="text/xml")


@gateway.post("/sms/duty/<int:call_id>")
def duty_status(call_id: int) -> tuple[str, int]:
    """What became of a call to a duty phone; an id that we do not know is a 404."""
    # Late: it brings the tables of the rota, which her pages never need.
    from portal.messaging import duty

    with unit_of_work():
        duty.take_status(call_id, request.form.get("MessageStatus", ""))
    return "", 204


@gateway.post("/sms/trial/<int:test_id>")
def trial_status(test_id: int) -> tuple[str, int]:
    """What became of a test to a staff phone; an id that we do not know is a 404."""
    # Late: it brings tables that her pages never need.
    from portal.messaging import staff_tests

    with unit_of_work():
        staff_tests.take_status(test_id, request.form.get("MessageStatus", ""), now=clock.now())
    return "", 204


@gateway.post("/sms/status/<int:text_id>")
def status(text_id: int) -> tuple[str, int]:
    """Store what became of a text; an id that we do not know is a 404."""
    told, sid = request.form.get("MessageStatus", ""), request.form.get("MessageSid", "")
    if not told or not 0 < len(sid) <= _LONGEST_SID:
        abort(400)
    with unit_of_work():
        receipts.take_status(text_id, sid, told, request.form.get("ErrorCode", ""), clock.now())
    return "", 204
