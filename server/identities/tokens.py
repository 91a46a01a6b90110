"""Signed tokens of other systems: by which key, under which algorithm. What they say is checked in `rules`."""

import time
from collections.abc import Collection
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, extract_compact

from server.identities.oauth import Kept, get_object
from server.identities.rules import ASYMMETRIC, BadToken
from server.wire import Reach

KEYS_FRESH_S, REFETCH_S = 3600.0, 60.0
MOST_KEYS, MOST_TOKEN, SHORTEST_RSA = 50, 64 << 10, 2048
KINDS = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
STARTS = {"RSA": ("RS", "PS"), "EC": ("ES",), "OKP": ("Ed",)}  # of the algorithms that a kind of key signs with

Key = RSAKey | ECKey | OKPKey


class Keyring:
    """The public keys of another system, read from its address and kept for an hour.

    A token of a key that we do not know makes us look again, once a minute at most: so keys can be changed there, and nobody
    can make us ask for ever.
    """

    def __init__(self, url: str, *, reach: Reach) -> None:
        self.kept = Kept(lambda: read_keys(get_object(url, reach=reach)), fresh_s=KEYS_FRESH_S, clock=time.monotonic)

    def find(self, header: dict[str, Any]) -> Key:
        found = choose(self.kept.get(), header)
        if found is None and self.kept.renew(at_least_s=REFETCH_S):
            found = choose(self.kept.get(), header)
        if found is None:
            raise BadToken("an unknown key")
        return found


def read_keys(document: dict[str, Any]) -> list[Key]:
    """Public keys for signatures; what we cannot read is left out, as are secrets that everybody would know."""
    listed = document.get("keys")
    found: list[Key] = []
    for each in (listed if isinstance(listed, list) else [])[:MOST_KEYS]:
        if not isinstance(each, dict) or each.get("kty") not in KINDS or each.get("use", "sig") != "sig":
            continue
        try:
            key = KINDS[each["kty"]].import_key({name: value for name, value in each.items() if name not in ("d", "key_ops")})
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if not isinstance(key, RSAKey) or key.public_key.key_size >= SHORTEST_RSA:
            found.append(key)
    return found


def choose(keys: Collection[Key], header: dict[str, Any]) -> Key | None:
    """By the key's name; a token without one is taken where a single key could have signed it."""
    algorithm, name = header.get("alg", ""), header.get("kid")
    able = [key for key in keys if algorithm.startswith(STARTS[key.key_type]) and key.get("alg") in (None, algorithm)]
    if name is not None:
        return next((key for key in able if key.kid == name), None)
    return able[0] if len(able) == 1 else None


def read_token(token: object, *, keys: Keyring, algorithms: Collection[str] = ASYMMETRIC) -> dict[str, Any]:
    """What a token says whose signature holds. Raises BadToken; NotReached where the keys cannot be read."""
    if not isinstance(token, str) or len(token) > MOST_TOKEN:
        raise BadToken("no token")
    try:
        header = extract_compact(token.encode()).headers()
    except (JoseError, ValueError):
        raise BadToken("no token") from None
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ASYMMETRIC or algorithm not in algorithms:
        raise BadToken("an algorithm that is not allowed")
    try:
        return jwt.decode(token, keys.find(header), algorithms=[algorithm], registry=JWSRegistry(algorithms=[algorithm])).claims
    except (JoseError, ValueError):
        raise BadToken("a wrong signature") from None
