"""`gradus lti` against the running app, as a course's staff uses it."""

import json
from collections.abc import Callable

from sqlalchemy.orm import Session
from typer.testing import Result

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.database import current_time
from server.lti.models import LearningPlatform, ResourceLink, ReturnedScore, Returning

Run = Callable[..., Result]


def test_staff_see_platforms_links_and_scores(
    gradus: Run, make_member: Callable[..., User], sign_in, assignment: Assignment, student: User, session: Session
) -> None:
    zhou = make_member("zhou", Role.instructor)
    sign_in(zhou)
    assert "No platform yet" in gradus("lti", "list", "dl-2026").stdout
    assert "Nothing was sent yet" in gradus("lti", "state", "dl-2026").stdout
    now = current_time(session)
    urls = {name: f"https://lms.example.edu/{name}" for name in ("issuer", "auth_url", "token_url", "jwks_url")}
    platform = LearningPlatform(name="Moodle", client_id="c1", deployments=["1"], links_by=[], approved_at=now, **urls)
    facts = {"deployment": "1", "resource": "r", "lets_in": False, "lineitem_url": "https://lms.example.edu/1"}
    link = ResourceLink(platform=platform, course=assignment.course, assignment=assignment, bound_by=zhou, **facts)
    wanted = {"scoreGiven": 80.0, "gradingProgress": "FullyGraded"}
    said = {"en": "The platform answered 403.", "zh": "平台返回 403。"}
    score = {"subject": "s", "total": 80, "wanted": wanted, "wanted_at": now, "due_at": now, "said": said}
    session.add(ReturnedScore(link=link, student=student, state=Returning.failed, tries=1, fence=1, **score))
    session.commit()
    listed = gradus("lti", "list", "dl-2026").stdout
    assert "/lti/launch" in listed and "Moodle" in listed and "1 failed" in listed
    state = gradus("lti", "state", "dl-2026").stdout
    assert "ada" in state and "80" in state and "✗ failed" in state
    [shown] = json.loads(gradus("lti", "state", "dl-2026", "--json").stdout)
    assert (shown["student"], shown["state"]) == ("ada", "failed")
    assert "Being sent: 1" in gradus("lti", "sync", "dl-2026").stdout
