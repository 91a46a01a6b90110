"""Configuration: no secret has a default."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.settings import Settings, load_or_create_secret


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = Settings(data=tmp_path / "data").secret_key
    assert Settings(data=tmp_path / "data").secret_key == first
    assert Settings(data=tmp_path / "other").secret_key != first
    assert len(first) >= 64
    assert stat.S_IMODE((tmp_path / "data" / "secret").stat().st_mode) == 0o600


def test_two_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: load_or_create_secret(tmp_path / "secret"), range(8)))
    assert len(secrets) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_secret_from_the_environment_is_used_and_never_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADUS_SECRET", "from outside")
    settings = Settings(data=tmp_path)
    assert settings.secret_key == b"from outside"
    assert "from outside" not in repr(settings)
    assert not (tmp_path / "secret").exists()


def test_keys_for_different_purposes_are_different(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert settings.derive_key("csrf") != settings.derive_key("seeds")
    assert settings.derive_key("csrf") == settings.derive_key("csrf")
