"""Who made an archive: what its signature proves, what it does not, and that the terminal says no more than that."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from server.cli import exam_after
from server.exam_results import signing
from server.exam_results.archive_check import Proof, check_signature
from server.exam_results.signing import PUBLIC_KEY, SIGNATURE, Signed
from server.settings import Settings

OURS, THEIRS = b"o" * 32, b"t" * 32
MANIFEST = b'{"files": {}}\n'
OUR_KEY = signing.fingerprint(signing.public_pem(OURS))


def proof_of(files: dict[str, bytes], manifest: bytes = MANIFEST, key: str | None = None) -> Proof:
    proof = Proof("00")
    check_signature(proof, files | {"manifest.json": manifest}, key)
    return proof


def test_the_platforms_key_is_told_from_all_others() -> None:
    signed = signing.sign(MANIFEST, secret=OURS)
    assert signed == signing.sign(MANIFEST, secret=OURS), "equal archives have equal bytes"
    proof = proof_of(signed, key=OUR_KEY)
    assert (proof.signature, proof.key, proof.is_key_checked, proof.differences) == (Signed.fits, OUR_KEY, True, [])
    forged = proof_of(signing.sign(MANIFEST, secret=THEIRS), key=OUR_KEY)
    assert (forged.is_key_checked, [each.where for each in forged.differences]) == (False, [SIGNATURE])
    assert [each.where for each in proof_of({}, key=OUR_KEY).differences] == [SIGNATURE], "taken away is no way around it"


def test_without_a_key_to_expect_nothing_is_claimed() -> None:
    for secret in (OURS, THEIRS):
        proof = proof_of(signing.sign(MANIFEST, secret=secret))
        assert (proof.signature, proof.is_key_checked, proof.differences) == (Signed.fits, False, [])
    assert proof_of({}).differences == []


@pytest.mark.parametrize(
    "change",
    [
        {SIGNATURE: b"0" * 64}, {SIGNATURE: b""}, {PUBLIC_KEY: signing.public_pem(THEIRS)}, {PUBLIC_KEY: b"no key"},
        {PUBLIC_KEY: b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"},
    ],
)  # fmt: skip
def test_a_signature_that_fits_nothing_differs(change: dict[str, bytes]) -> None:
    proof = proof_of(signing.sign(MANIFEST, secret=OURS) | change)
    assert (proof.signature, proof.key, len(proof.differences)) == (Signed.broken, None, 1)


def test_another_manifest_or_half_a_signature_differs() -> None:
    signed = signing.sign(MANIFEST, secret=OURS)
    assert proof_of(signed, manifest=MANIFEST + b" ").differences
    for name in signed:
        assert proof_of({other: content for other, content in signed.items() if other != name}).differences


def test_another_kind_of_key_is_none() -> None:
    pem = b"""-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt
6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==
-----END PUBLIC KEY-----
"""
    with pytest.raises(ValueError, match="Ed25519"):
        signing.fingerprint(pem)


def test_a_stranger_checks_it_with_no_code_of_ours() -> None:
    signed = signing.sign(MANIFEST, secret=OURS)
    key = serialization.load_pem_public_key(signed[PUBLIC_KEY])
    assert isinstance(key, Ed25519PublicKey)
    key.verify(signed[SIGNATURE], MANIFEST)


def test_the_terminal_says_who_made_it_or_that_nobody_looked() -> None:
    checked = proof_of(signing.sign(MANIFEST, secret=OURS), key=OUR_KEY)
    assert "signed by this platform" in exam_after.signature_in_words(checked, OUR_KEY)
    assert "signed by the key you named" in exam_after.signature_in_words(checked, None)
    unchecked = proof_of(signing.sign(MANIFEST, secret=THEIRS))
    assert "complete and consistent, signature not checked" in exam_after.signature_in_words(unchecked, None)
    assert "not the key of this machine's platform" in exam_after.signature_in_words(unchecked, OUR_KEY)
    assert "not signed" in exam_after.signature_in_words(proof_of({}), OUR_KEY)


def test_the_machines_own_key_is_used_where_it_lies_and_never_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("server.settings.get_settings", lambda: Settings(data=tmp_path, secret=None))
    assert exam_after.own_key() is None
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "secret").write_text("a" * 64)
    settings = Settings(data=tmp_path, secret=None)
    assert exam_after.own_key() == signing.fingerprint(signing.public_pem(settings.derive_key(signing.PURPOSE)))
