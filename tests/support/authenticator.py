"""An authenticator in software: makes passkeys and uses them as a device would, or as a forger would."""

import hashlib
import json
import os
import struct
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

from tests.support.pages import Page, PageClient

ORIGIN = "http://localhost:8000"
HOST = "localhost"


@dataclass
class Authenticator:
    """One passkey; `count` is its counter, 0 for one that does not count."""

    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_handle: str = ""
    count: int = 0

    def make(self, options: dict, *, origin: str = ORIGIN, verified: bool = True) -> str:
        """What navigator.credentials.create would give for these options."""
        self.user_handle = options["user"]["id"]
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cbor2.dumps(cose)
        data = self._data(0x45 if verified else 0x41) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = _client_data("webauthn.create", options["challenge"], origin)
        return self._sent(clientDataJSON=client_data, attestationObject=attestation)

    def use(self, options: dict, *, origin: str = ORIGIN, verified: bool = True, handle: str | None = None) -> str:
        """What navigator.credentials.get would give for these options."""
        data = self._data(0x05 if verified else 0x01)
        client_data = _client_data("webauthn.get", options["challenge"], origin)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        sent = json.loads(self._sent(clientDataJSON=client_data, authenticatorData=data, signature=signature))
        sent["response"]["userHandle"] = self.user_handle if handle is None else handle
        return json.dumps(sent)

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(HOST.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _sent(self, **response: bytes) -> str:
        number = bytes_to_base64url(self.credential_id)
        answer = {name: bytes_to_base64url(value) for name, value in response.items()}
        return json.dumps({"id": number, "rawId": number, "type": "public-key", "response": answer})


def _client_data(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()


def options(browser: PageClient, purpose: str, token: str = "") -> dict:
    """What the server asks of this browser's authenticator for a purpose."""
    page = browser.post("/staff/sign-in/challenge", {"for": purpose, "token": token})
    assert page.status == 200, page.text
    return json.loads(page.body)


def add(browser: PageClient, name: str = "Work laptop") -> Authenticator:
    """Add a passkey on the page of whoever is signed in there."""
    device = Authenticator()
    made = device.make(options(browser, "add"))
    page = browser.post("/staff/me/passkeys", {"name": name, "passkey": made}, follow=True)
    assert "Passkey added." in page.html, page.text
    return device


def sign_in(browser: PageClient, device: Authenticator, **forged) -> Page:
    """Sign in with a passkey alone; gives the page she lands on."""
    used = device.use(options(browser, "sign_in"), **forged)
    return browser.post("/staff/sign-in/passkey", {"passkey": used}, follow=True)
