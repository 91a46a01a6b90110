"""Drafts: what is saved once, what is refused, and what is never lost."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.database import current_time
from server.questions import rules
from server.questions.models import AnswerDraft
from server.questions.service import Typed, files_of_draft, save_draft
from server.settings import Settings
from server.submissions.rules import UnusableUpload
from tests.server.questions.conftest import PNG

Save = Callable[..., AnswerDraft]
FILE = {"sketch": ("me.png", PNG)}


@pytest.fixture
def save(session: Session, mixed: Assignment, student: User, settings: Settings) -> Save:
    def save(answers: dict[str, object], *, version: int, **fields: object) -> AnswerDraft:
        typed = Typed(answers, version=version, **fields)
        now = current_time(session)
        return save_draft(session, assignment=mixed, user=student, typed=typed, store=settings.blob_store, now=now)

    return save


def test_each_change_has_a_version_and_the_same_again_has_none(save: Save) -> None:
    assert [save({"total": "1"}, version=0).version, save({"total": "1"}, version=0).version] == [1, 1]
    assert save({"total": "2"}, version=1).version == 2


def test_what_was_made_from_an_older_version_is_refused_and_changes_nothing(save: Save) -> None:
    draft = save({"total": "1"}, version=0)
    with pytest.raises(rules.SavedElsewhere) as refused:
        save({"total": "2"}, version=0)
    assert refused.value.version == 1 and draft.answers == {"total": "1"}


def test_a_file_may_follow_what_was_saved_a_moment_ago_but_replaces_no_other(save: Save) -> None:
    save({"total": "1"}, version=0)
    assert save({"total": "1"}, version=0, files=FILE).version == 2
    with pytest.raises(rules.SavedElsewhere):
        save({"total": "1"}, version=0, files=FILE)


def test_a_file_stays_until_it_is_taken_away(save: Save, settings: Settings) -> None:
    save({}, version=0, files=FILE)
    draft = save({"total": "1"}, version=1)
    assert files_of_draft(draft, store=settings.blob_store) == {"sketch": PNG}
    assert save({"total": "1"}, version=2, removed=frozenset({"sketch"})).attachments == {}


def test_what_is_no_attachment_is_refused(save: Save) -> None:
    with pytest.raises(UnusableUpload, match="no PDF, PNG or JPEG"):
        save({}, version=0, files={"sketch": ("me.png", b"<script>")})


def test_drafts_and_their_files_have_limits(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(rules.DraftTooLong):
        save({"essay": "a" * rules.MOST_BYTES}, version=0)
    monkeypatch.setattr(rules, "MOST_FILES", 1)
    save({}, version=0, files=FILE)
    with pytest.raises(rules.TooManyFiles):
        save({}, version=1, files=FILE)
