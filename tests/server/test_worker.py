from pathlib import Path

import pytest
from celery.signals import heartbeat_sent

import server.worker


def test_a_worker_that_hears_its_broker_shows_that_it_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADUS_ALIVE", str(tmp_path / "alive"))
    heartbeat_sent.send(sender=server.worker.celery)
    assert (tmp_path / "alive").is_file()


def test_a_worker_that_is_not_asked_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADUS_ALIVE", raising=False)
    monkeypatch.chdir(tmp_path)
    heartbeat_sent.send(sender=server.worker.celery)
    assert not list(tmp_path.iterdir())
