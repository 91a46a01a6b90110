"""Addresses of channels are kept encrypted, under a key of their own and bound to their course."""

import json
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.settings import Settings

PURPOSE, NONCE_BYTES = "channels", 12


def seal(settings: Settings, address: dict[str, str], *, course_id: int) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    plain = json.dumps(address).encode()
    return nonce + AESGCM(settings.derive_key(PURPOSE)).encrypt(nonce, plain, str(course_id).encode())


def unseal(settings: Settings, sealed: bytes, *, course_id: int) -> dict[str, str]:
    """Raises cryptography.exceptions.InvalidTag where the platform's secret has changed, or the row is another course's."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    return json.loads(AESGCM(settings.derive_key(PURPOSE)).decrypt(nonce, rest, str(course_id).encode()))
