"""What `make scan` serves: a scanner is never told to wait, and sees no difference where there is none."""

import re
import time
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from portal.web import floods
from tests.support import live


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scanned")
    answers = folder / "answers"
    with live.portal(
        folder, demo=False, worker=False, settings={"SCAN_ANSWERS": str(answers)}, app="tests.support.scanned:app"
    ) as portal:
        connection = HTTPConnection(portal.address.removeprefix("http://"))
        connection.request("GET", "/language")
        page = connection.getresponse()
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.read().decode())[1]

        def post(address: str, fields: dict[str, str], **headers: str):
            connection.request(
                "POST",
                address,
                urlencode({"csrf_token": token, **fields}),
                {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", **headers},
            )
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers

        yield post, answers


def test_a_wrong_language_gets_the_same_bytes_a_second_later(served):
    """The token's second made the difference that a scanner took for LDAP injection."""
    post, _ = served
    before = post("/language", {"language": "nosuchvalue"})[:2]
    time.sleep(1.1)
    assert post("/language", {"language": "*)(&))\0nosuchvalue"})[:2] == before
    assert before[0] == 422


def test_nobody_is_told_to_wait_and_every_answer_is_written_down(served):
    post, answers = served
    most = max(rule.of_session for rule in floods.RULES if rule.name == "write")
    tries = [post("/messages", {"body": "x"})[0] for _ in range(most + 5)]
    assert set(tries) == {303}
    assert answers.read_text().count("303 POST '/messages'") == most + 5


def test_whoever_came_signed_in_keeps_her_cookie(served):
    post, _ = served
    assert "Set-Cookie" in post("/language", {"language": "ar"})[2]
    assert "Set-Cookie" not in post("/language", {"language": "ar"}, **{"Scan-Keeps-Cookie": "1"})[2]
