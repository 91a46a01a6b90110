"""Scripts come by the lock file; pages do without them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.accounts.models import User
from server.assignments.models import Assignment
from server.models import Submission
from server.web import assets
from server.web.templating import environment

Visit = Callable[..., object]


def test_the_lock_file_pins_content_and_names_no_host() -> None:
    packages = json.loads(assets.LOCK.read_text())["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert set(installed) == {"node_modules/htmx.org", "node_modules/htmx-ext-sse"}
    assert all(package["integrity"].startswith("sha512-") for package in installed.values())
    assert "://" not in assets.LOCK.read_text()


def test_what_is_installed_is_what_the_lock_file_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "VENDOR", tmp_path)
    assert not assets.is_current()
    for name in assets.SCRIPTS:
        (tmp_path / name).write_text("// a script")
    assert assets.has_scripts()
    assert not assets.is_current()
    (tmp_path / assets.LOCK.name).write_bytes(assets.LOCK.read_bytes())
    assert assets.is_current()


@pytest.fixture
def no_scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(assets, "VENDOR", tmp_path)
    environment.cache_clear()
    yield
    environment.cache_clear()


def test_without_scripts_a_live_page_reloads_itself(
    no_scripts: None, visit: Visit, student: User, assignment: Assignment, hand_in: Callable[..., Submission]
) -> None:
    submission = hand_in(assignment, student)
    html = visit(student).get(f"/submissions/{submission.id}").text
    assert '<meta http-equiv="refresh" content="3">' in html.replace("<noscript>", "")
    assert "vendor/" not in html
    assert "<noscript>" not in html
