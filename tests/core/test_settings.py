"""Settings: every fault at once; production refuses made-up secrets, demo refuses to listen beyond loopback."""

import os
from base64 import urlsafe_b64encode

import pytest

from portal.core.settings import Settings, SettingsInvalid, made_up_key

KEY = {name: urlsafe_b64encode(os.urandom(32)).decode() for name in ("fields", "index", "backup")}
PRODUCTION = {
    "PORTAL_ENV": "production",
    "PORTAL_SECRET_KEY": "Vq8-2kd9_pLm3xZt7RbY5wNc1HsGf6Jd0aQe",
    "PORTAL_FIELD_KEYS": KEY["fields"],
    "PORTAL_INDEX_KEY": KEY["index"],
    "PORTAL_BACKUP_KEY": KEY["backup"],
    "PORTAL_PUBLIC_URL": "https://week.example.org",
    "PORTAL_SMS_GATEWAY": "twilio",
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_FROM": "+447700900001",
}


def faults(**changes: str) -> list[str]:
    with pytest.raises(SettingsInvalid) as refused:
        Settings.from_env({**PRODUCTION, **changes})
    return refused.value.faults


def test_the_demo_needs_no_settings():
    settings = Settings.from_env({})
    assert settings.demo
    assert settings.bind == "127.0.0.1:8000"
    assert settings.site_name == "My Week"


def test_complete_production_settings_are_taken():
    settings = Settings.from_env(PRODUCTION)
    assert (settings.demo, settings.https) == (False, True)


def test_every_fault_is_reported_at_once():
    found = faults(PORTAL_SECRET_KEY="", PORTAL_INDEX_KEY="short", PORTAL_PUBLIC_URL="http://x.org", TWILIO_FROM="")
    assert {fault.split()[0] for fault in found} == {
        "PORTAL_SECRET_KEY", "PORTAL_INDEX_KEY", "PORTAL_PUBLIC_URL", "TWILIO_FROM",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["PORTAL_FIELD_KEYS", "PORTAL_INDEX_KEY", "PORTAL_BACKUP_KEY"])
def test_production_refuses_made_up_keys(name):
    assert faults(**{name: made_up_key(name)}) == [f"{name} must not be a made-up key"]
    assert faults(**{name: urlsafe_b64encode(bytes(32)).decode()}) == [f"{name} must not be a made-up key"]


def test_production_refuses_the_demo_s_secret():
    assert "PORTAL_SECRET_KEY" in faults(PORTAL_SECRET_KEY=Settings.from_env({}).secret_key)[0]


@pytest.mark.parametrize("name", ["PORTAL_BIND", "PORTAL_PUBLIC_URL"])
def test_the_demo_stays_on_loopback(name):
    value = {"PORTAL_BIND": "0.0.0.0:8000", "PORTAL_PUBLIC_URL": "http://192.0.2.7:8000"}[name]
    with pytest.raises(SettingsInvalid, match=f"{name} must be a loopback address in demo"):
        Settings.from_env({name: value})


def test_production_never_talks_to_a_stand_in_gateway():
    assert faults(TWILIO_API_BASE_URL="http://127.0.0.1:9") == ["TWILIO_API_BASE_URL works in demo only"]
    assert faults(PORTAL_SMS_GATEWAY="demo") == ["PORTAL_SMS_GATEWAY must be twilio in production"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_SITE_NAME", "Camden Women's Centre"),
        ("PORTAL_SITE_NAME", "Court support"),
        ("PORTAL_PUBLIC_URL", "https://divertprobation.example.org"),
        ("TWILIO_FROM", "Police"),
    ],
)
def test_no_banned_word_in_host_site_or_sender(name, value):  # R40
    assert any(fault.startswith(f"{name} holds the banned word") for fault in faults(**{name: value}))


def test_extra_banned_words_come_from_the_settings():
    assert faults(PORTAL_BANNED_WORDS="Lotus Trust", PORTAL_SITE_NAME="Lotus Trust week") == [
        "PORTAL_SITE_NAME holds the banned word “Lotus Trust”"
    ]


def test_secrets_never_show_when_settings_are_printed():
    printed = repr(Settings.from_env(PRODUCTION))
    assert PRODUCTION["PORTAL_SECRET_KEY"] not in printed
    assert "token" not in printed.replace("metrics_token", "")


@pytest.mark.parametrize("contact", ["security@example.org", "http://example.org", "javascript:alert(1)"])
def test_whom_to_tell_of_a_fault_is_an_address(contact):
    assert faults(PORTAL_SECURITY_CONTACT=contact) == ["PORTAL_SECURITY_CONTACT must begin with mailto: or https:"]


def test_production_without_a_proxy_in_front_is_warned_of_and_the_demo_is_not():
    assert Settings.from_env({}).warnings == []
    assert Settings.from_env({**PRODUCTION, "PORTAL_TRUSTED_PROXIES": "1"}).warnings == []
    [warning] = Settings.from_env(PRODUCTION).warnings
    assert warning.startswith("PORTAL_TRUSTED_PROXIES is 0") and "lock out everybody" in warning
