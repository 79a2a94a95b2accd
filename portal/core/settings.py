"""Settings: read once from the environment, all faults reported at once, refuses to start half-set."""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from portal.core import crypto

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
DEFAULT_LEAVE_URL = "https://www.bbc.co.uk/weather"

BANNED_WORDS = (
    "abuse", "violence", "domestic", "refuge", "police", "caution", "offence", "offender", "crime", "court",
    "probation", "prison", "custody", "diversion", "drug", "alcohol", "mental", "sex", "rape", "victim",
    "women's centre", "womens centre",
)  # fmt: skip
"""Words that no title, address, file name, header or text may carry (R7, R20)."""


class SettingsInvalid(Exception):
    """The settings have faults; `faults` names every one of them."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Settings:
    """Everything that differs from one place of running to another."""

    env: str
    secret_key: str = field(repr=False)
    field_keys: tuple[bytes, ...] = field(repr=False)
    index_key: bytes = field(repr=False)
    backup_key: bytes = field(repr=False)
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    public_url: str
    bind: str
    site_name: str
    leave_url: str
    banned_words: tuple[str, ...]
    sms_gateway: str
    twilio_account_sid: str
    twilio_auth_token: str = field(repr=False)
    twilio_from: str = field(repr=False)
    twilio_messaging_service_sid: str
    twilio_api_base_url: str
    sms_per_second: float
    first_contact_days: int
    trusted_proxies: int
    log_level: str
    metrics_token: str = field(repr=False)
    security_contact: str
    now: datetime | None

    @property
    def demo(self) -> bool:
        """Whether only made-up data may be here."""
        return self.env == "demo"

    @property
    def https(self) -> bool:
        """Whether women reach the portal over HTTPS, so that cookies are Secure and carry the __Host- prefix."""
        return self.public_url.startswith("https://")

    @property
    def warnings(self) -> list[str]:
        """What works but is hardly meant."""
        if self.demo or self.trusted_proxies:
            return []
        return [
            "PORTAL_TRUSTED_PROXIES is 0: behind a proxy (something must speak https for the portal) all visitors count"
            " as one network, so a few wrong tries of one lock out everybody. Say how many proxies stand in front."
        ]

    @property
    def keyring(self) -> crypto.Keyring:
        """The keys of sealed columns and blind indexes."""
        return crypto.Keyring(self.field_keys, self.index_key)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings; raises SettingsInvalid with every fault there is."""
        return _Reader(environ).settings()


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []

    def settings(self) -> Settings:
        env = self.one_of("PORTAL_ENV", ("demo", "production"), default="demo")
        demo = env == "demo"
        port = self.number("PORT", default=8000, least=0)
        public_url = self.text("PORTAL_PUBLIC_URL", default=f"http://127.0.0.1:{port:.0f}" if demo else "").rstrip("/")
        settings = Settings(
            env=env,
            secret_key=self.secret("PORTAL_SECRET_KEY", demo),
            field_keys=self.keys("PORTAL_FIELD_KEYS", demo),
            index_key=next(iter(self.keys("PORTAL_INDEX_KEY", demo)), b""),
            backup_key=next(iter(self.keys("PORTAL_BACKUP_KEY", demo)), b""),
            database_url=self.text("PORTAL_DATABASE_URL", default="sqlite:///instance/portal.db"),
            redis_url=self.text("PORTAL_REDIS_URL"),
            public_url=public_url,
            bind=self.text("PORTAL_BIND", default=f"127.0.0.1:{port:.0f}"),
            site_name=self.text("PORTAL_SITE_NAME", default="My Week"),
            leave_url=self.text("PORTAL_LEAVE_URL", default=DEFAULT_LEAVE_URL),
            banned_words=BANNED_WORDS + tuple(_listed(self.text("PORTAL_BANNED_WORDS"))),
            sms_gateway=self.one_of("PORTAL_SMS_GATEWAY", ("demo", "twilio"), default="demo" if demo else ""),
            twilio_account_sid=self.text("TWILIO_ACCOUNT_SID"),
            twilio_auth_token=self.text("TWILIO_AUTH_TOKEN"),
            twilio_from=self.text("TWILIO_FROM"),
            twilio_messaging_service_sid=self.text("TWILIO_MESSAGING_SERVICE_SID"),
            twilio_api_base_url=self.text("TWILIO_API_BASE_URL").rstrip("/"),
            sms_per_second=self.number("PORTAL_SMS_PER_SECOND", default=5, least=0.01),
            first_contact_days=int(self.number("PORTAL_FIRST_CONTACT_DAYS", default=3, least=1)),
            trusted_proxies=int(self.number("PORTAL_TRUSTED_PROXIES", default=0, least=0)),
            log_level=self.one_of("PORTAL_LOG_LEVEL", ("debug", "info", "warning", "error"), default="info"),
            metrics_token=self.text("PORTAL_METRICS_TOKEN"),
            security_contact=self.text(
                "PORTAL_SECURITY_CONTACT", default="mailto:security@example.org" if demo else ""
            ),
            now=self.instant("PORTAL_NOW"),
        )
        self.check_addresses(settings)
        self.check_gateway(settings)
        self.check_words(settings)
        if not demo and settings.now is not None:
            self.faults.append("PORTAL_NOW works in demo only")
        if self.faults:
            raise SettingsInvalid(self.faults)
        return settings

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def one_of(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name, default).lower()
        if value not in choices:
            self.faults.append(f"{name} must be one of: {', '.join(choices)}")
        return value

    def number(self, name: str, default: float, least: float) -> float:
        try:
            value = float(self.text(name, str(default)))
        except ValueError:
            value = float("nan")
        if not value >= least or value == float("inf"):
            self.faults.append(f"{name} must be a number, {least:g} or more")
            return default
        return value

    def instant(self, name: str) -> datetime | None:
        text = self.text(name)
        if not text:
            return None
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            value = None
        if value is None or value.tzinfo is None:
            self.faults.append(f"{name} must be an instant with its offset, such as 2026-12-01T09:00:00+00:00")
            return None
        return value

    def secret(self, name: str, demo: bool) -> str:
        made_up = f"made up for the demo: {name}"
        value = self.text(name, made_up if demo else "")
        if not demo and (len(value) < 32 or len(set(value)) < 10 or "made up" in value):
            self.faults.append(f"{name} must be a secret of at least 32 random letters")
        return value

    def keys(self, name: str, demo: bool) -> tuple[bytes, ...]:
        made_up = made_up_key(name)
        keys: list[bytes] = []
        for part in _listed(self.text(name, made_up if demo else "")):
            try:
                keys.append(crypto.key_from_text(part))
            except ValueError:
                self.faults.append(f"{name} must hold keys of 32 random bytes in URL-safe base64")
                return ()
            if not demo and (len(set(keys[-1])) < 10 or part in (made_up_key(other) for other in _KEY_NAMES)):
                self.faults.append(f"{name} must not be a made-up key")
        if not keys:
            self.faults.append(f"{name} is missing")
        return tuple(keys)

    def check_addresses(self, settings: Settings) -> None:
        public = urlsplit(settings.public_url)
        bind_host = settings.bind.rpartition(":")[0].strip("[]")
        if settings.demo:
            if public.hostname not in LOOPBACK_HOSTS:
                self.faults.append("PORTAL_PUBLIC_URL must be a loopback address in demo")
            if bind_host not in LOOPBACK_HOSTS:
                self.faults.append("PORTAL_BIND must be a loopback address in demo")
        elif public.scheme != "https" or not public.hostname:
            self.faults.append("PORTAL_PUBLIC_URL must be an https address")
        contact = urlsplit(settings.security_contact)
        if settings.security_contact and not (
            contact.scheme in ("mailto", "https") and settings.security_contact.isprintable()
        ):
            self.faults.append("PORTAL_SECURITY_CONTACT must begin with mailto: or https:")
        if urlsplit(settings.leave_url).scheme != "https":
            self.faults.append("PORTAL_LEAVE_URL must be an https address of a neutral page")
        if not settings.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
            self.faults.append("PORTAL_DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://")
        if settings.redis_url and not settings.redis_url.startswith(("redis://", "rediss://", "unix://")):
            self.faults.append("PORTAL_REDIS_URL must begin with redis://")

    def check_gateway(self, settings: Settings) -> None:
        if settings.sms_gateway == "demo" and not settings.demo:
            self.faults.append("PORTAL_SMS_GATEWAY must be twilio in production")
        if settings.twilio_api_base_url:
            if not settings.demo:
                self.faults.append("TWILIO_API_BASE_URL works in demo only")
            elif urlsplit(settings.twilio_api_base_url).hostname not in LOOPBACK_HOSTS:
                self.faults.append("TWILIO_API_BASE_URL must be a loopback address")
        if settings.sms_gateway != "twilio":
            return
        if settings.demo and not settings.twilio_api_base_url:
            self.faults.append("TWILIO_API_BASE_URL is missing: the demo never talks to the real gateway")
        self.faults.extend(
            f"{name} is missing"
            for name, value in (
                ("TWILIO_ACCOUNT_SID", settings.twilio_account_sid),
                ("TWILIO_AUTH_TOKEN", settings.twilio_auth_token),
                ("TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID",
                 settings.twilio_from or settings.twilio_messaging_service_sid),
            )
            if not value
        )  # fmt: skip

    def check_words(self, settings: Settings) -> None:
        """R40: no banned word in the host name, the site name or the name that texts come from."""
        for name, value in (
            ("PORTAL_PUBLIC_URL", urlsplit(settings.public_url).hostname or ""),
            ("PORTAL_SITE_NAME", settings.site_name),
            ("TWILIO_FROM", settings.twilio_from),
        ):
            flat = re.sub(r"[^a-z]", "", value.casefold())
            self.faults.extend(
                f"{name} holds the banned word “{word}”"
                for word in settings.banned_words
                if re.sub(r"[^a-z]", "", word.casefold()) in flat and word
            )


_KEY_NAMES = ("PORTAL_FIELD_KEYS", "PORTAL_INDEX_KEY", "PORTAL_BACKUP_KEY")


def made_up_key(name: str) -> str:
    """The demo's own key for a setting: known to everybody, so production refuses it."""
    return urlsafe_b64encode(hashlib.sha256(f"made up for the demo: {name}".encode()).digest()).decode()


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
