"""The folder of a socket is ours alone, or nothing is done to it: its name below /tmp can be guessed."""

import os
from pathlib import Path

import pytest

from server import unprivileged
from server.unprivileged import own_folder


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_folder_is_made_for_its_owner_alone_and_made_private_again(tmp_path: Path) -> None:
    folder = tmp_path / "below" / "socket"
    own_folder(folder, None)
    folder.chmod(0o755)
    own_folder(folder, None)
    assert (mode_of(folder), folder.stat().st_uid) == (0o700, os.geteuid())


def test_a_link_is_refused_and_what_it_points_to_stays_as_it_is(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.mkdir()
    target.chmod(0o755)
    link.symlink_to(target)
    with pytest.raises(PermissionError, match="is a link"):
        own_folder(link, unprivileged.choose_account())
    assert (mode_of(target), target.stat().st_uid) == (0o755, os.geteuid())


def test_a_link_to_nowhere_and_a_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "missing")
    (tmp_path / "file").touch()
    for name in ("link", "file"):
        with pytest.raises(PermissionError, match="no folder"):
            own_folder(tmp_path / name, None)
    assert not (tmp_path / "missing").exists()


def test_a_folder_of_somebody_else_is_refused_untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    owner, account = os.geteuid(), unprivileged.choose_account()
    monkeypatch.setattr(unprivileged.os, "geteuid", lambda: owner + 12345)
    with pytest.raises(PermissionError, match="belongs to somebody else"):
        own_folder(tmp_path, account)
    assert (mode_of(tmp_path), tmp_path.stat().st_uid) == (0o755, owner)
