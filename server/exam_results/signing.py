"""An archive's manifest, signed by Ed25519, so that anybody with the platform's public key sees that the platform made it.

The public key stands in the archive, too; that alone proves nothing, since whoever forges an archive puts his own beside it.
"""

import hashlib
from collections.abc import Mapping
from enum import StrEnum

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PURPOSE = "exam archives"  # of the derived key
SIGNATURE, PUBLIC_KEY = "manifest.sig", "manifest.pem"


class Signed(StrEnum):
    """How an archive's signature stands to the key beside it."""

    fits = "fits"
    missing = "missing"  # an archive of before archives were signed, or of somebody who took it away
    broken = "broken"


def public_pem(secret: bytes) -> bytes:
    """secret: 32 bytes, `settings.derive_key(PURPOSE)`."""
    return pem_of(Ed25519PrivateKey.from_private_bytes(secret).public_key())


def pem_of(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def fingerprint(pem: bytes) -> str:
    """As `openssl pkey -pubin -in manifest.pem -outform DER | sha256sum` prints it. Raises ValueError for what is no such key."""
    key = read_key(pem)
    return hashlib.sha256(
        key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    ).hexdigest()


def read_key(pem: bytes) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(pem)
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from error
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("it is no Ed25519 key")
    return key


def sign(manifest: bytes, *, secret: bytes) -> dict[str, bytes]:
    """Two files to stand beside the manifest. Equal manifests have equal signatures."""
    key = Ed25519PrivateKey.from_private_bytes(secret)
    return {SIGNATURE: key.sign(manifest), PUBLIC_KEY: pem_of(key.public_key())}


def read(files: Mapping[str, bytes], manifest: bytes) -> tuple[Signed, str | None]:
    """Whether it fits, and the fingerprint of the key by which it does."""
    if SIGNATURE not in files and PUBLIC_KEY not in files:
        return Signed.missing, None
    try:
        key = read_key(files[PUBLIC_KEY])
        key.verify(files[SIGNATURE], manifest)
    except (KeyError, ValueError, InvalidSignature):
        return Signed.broken, None
    return Signed.fits, fingerprint(files[PUBLIC_KEY])
