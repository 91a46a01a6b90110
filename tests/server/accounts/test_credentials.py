"""What a stored password costs whoever wants to guess it. All other tests of the server use a hasher that costs nothing."""

import importlib.util
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def credentials() -> ModuleType:
    """The module as the platform loads it."""
    spec = importlib.util.find_spec("server.accounts.credentials")
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    return fresh


def test_a_hash_costs_what_rfc_9106_recommends(credentials: ModuleType) -> None:
    """Its second option: 64 MiB, three passes, four lanes."""
    assert credentials.hash_password("correct horse battery").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_password_matches_its_own_hash_alone(credentials: ModuleType) -> None:
    stored = credentials.hash_password("correct horse battery")
    assert credentials.password_matches("correct horse battery", stored)
    assert not credentials.password_matches("wrong", stored)
    assert not credentials.password_matches("correct horse battery", None)
