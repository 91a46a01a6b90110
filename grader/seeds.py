"""Seeds that can be replayed by whoever holds the key and guessed by nobody else."""

import hashlib
import hmac
import re

SEED_HEX_DIGITS = 64


def new_seed(key: bytes, submission_digest: str) -> str:
    """The seed of one submission: 64 hex digits that only the holder of `key` can predict."""
    return hmac.new(key, submission_digest.encode(), hashlib.sha256).hexdigest()


def whole_seed(digits: str) -> str:
    """The seed that a person means by 1 to 64 hex digits: zeros fill it up on the left. Raises ValueError for anything else."""
    if not re.fullmatch(rf"[0-9a-fA-F]{{1,{SEED_HEX_DIGITS}}}", digits):
        raise ValueError(f"a seed is 1 to {SEED_HEX_DIGITS} hex digits")
    return digits.lower().zfill(SEED_HEX_DIGITS)


def derive(seed: str, label: str) -> int:
    """A 63-bit number that belongs to `label` under this seed, whatever else is drawn from it."""
    digest = hmac.new(bytes.fromhex(seed), label.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") >> 1
