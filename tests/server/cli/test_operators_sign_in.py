"""What the operator does about signing in elsewhere: `gradus identity`, and approving platforms by `gradus lti`."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import Result

from server.accounts.models import User
from server.audit import list_lines
from server.cli.doctor import sign_in_service
from server.courses.models import Course, Role
from server.database import current_time
from server.identities import service
from server.identities.models import Identity, LinkedBy
from server.identities.rules import Claims, Why
from server.lti.models import LearningPlatform, SigningKey
from server.settings import Settings, get_settings
from tests.server.identities.provider import CLIENT_ID, running

Run = Callable[..., Result]
URLS = [f"--{name}-url=https://moodle.example.edu/{name}" for name in ("auth", "token", "jwks")]
MOODLE = ["--name=Moodle", "--issuer=https://moodle.example.edu", "--client-id=c1", "--deployments=1, 2", *URLS]


@pytest.fixture(autouse=True)
def configured(
    tables: None, database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Commands read their settings from the environment, as in real life."""
    values = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "DATA": str(tmp_path / "data"), "SECRET": "test secret"}
    for name, value in values.items():
        monkeypatch.setenv(f"GRADUS_{name}", value)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.fixture
def code(session: Session) -> str:
    claims = Claims("https://id.example.edu", "u-9", number="2026001", login="lin.xiao", name="林晓")
    code = service.turn_away(session, claims, Why.unknown, now=current_time(session)).code
    session.commit()
    return code


def test_support_sees_who_was_turned_away_and_links_the_account(
    gradus: Run, make_user: Callable[..., User], session: Session, code: str
) -> None:
    make_user("lin")
    shown = gradus("identity", "show", code.lower())
    assert "林晓" in shown.stdout and "2026001" in shown.stdout and "no account fits" in shown.stdout
    assert json.loads(gradus("identity", "show", code, "--json").stdout)["subject"] == "u-9"
    assert "lin.xiao signs in as lin" in gradus("identity", "link", code, "lin").stdout
    made = session.scalars(select(Identity)).one()
    assert (made.subject, made.linked_by) == ("u-9", LinkedBy.operator)
    assert gradus("identity", "link", code, "lin").exit_code == 4  # a code is used once
    assert "lin.xiao" in gradus("identity", "list", "lin").stdout
    assert gradus("identity", "unlink", "lin", str(made.id)).exit_code == 0
    assert "No account elsewhere" in gradus("identity", "list", "lin").stdout


def test_a_wrong_code_or_login_is_told(gradus: Run, code: str) -> None:
    assert gradus("identity", "show", "XXXXXX").exit_code == 4
    assert gradus("identity", "link", code, "nobody").exit_code == 4


def test_a_platform_of_a_course_works_once_it_is_approved(
    gradus: Run, session: Session, course: Course, make_member: Callable[..., User]
) -> None:
    zhou = make_member("zhou", Role.instructor)
    fields = {name: f"https://lms.example.edu/{name}" for name in ("issuer", "auth_url", "token_url", "jwks_url")}
    fields |= {"name": "Canvas", "client_id": "c9", "deployments": "1"}
    platform = LearningPlatform(**{**fields, "deployments": ["1"]}, course=course, added_by_id=zhou.id, links_by=[])
    session.add(platform)
    session.commit()
    assert gradus("lti", "approve", str(platform.id), "--links-by", "shoe size").exit_code == 2
    assert gradus("lti", "approve", str(platform.id), "--links-by", "number, email").exit_code == 0
    session.expire_all()
    assert platform.approved_at and platform.links_by == ["number", "email"] and not platform.creates_accounts
    assert list_lines(session, course=course)[0].action == "lti.approved"
    assert gradus("lti", "remove", str(platform.id)).exit_code == 0
    assert gradus("lti", "remove", str(platform.id)).exit_code == 4


def test_the_operator_registers_for_the_whole_server(gradus: Run, session: Session) -> None:
    assert "Moodle is platform" in gradus("lti", "add", *MOODLE).stdout
    platform = session.scalars(select(LearningPlatform)).one()
    assert (platform.course_id, platform.deployments, platform.approved_at is not None) == (None, ["1", "2"], True)
    again = gradus("lti", "add", *MOODLE)
    assert again.exit_code == 4 and "registered already" in again.output
    plain = gradus("lti", "add", *MOODLE[:-1], "--jwks-url=http://moodle.example.edu/jwks")
    assert plain.exit_code == 4 and "jwks_url" in plain.output


def test_our_key_is_changed_and_the_old_one_stays_public_for_a_while(gradus: Run, session: Session) -> None:
    assert gradus("lti", "rotate-key").exit_code == gradus("lti", "rotate-key").exit_code == 0
    old, new = session.scalars(select(SigningKey).order_by(SigningKey.id)).all()
    assert old.retired_at and not new.retired_at
    assert "d" not in new.public and b"PRIVATE" not in new.sealed


def test_the_doctor_asks_the_provider() -> None:
    assert list(sign_in_service(Settings())) == []
    with running() as provider:
        known = Settings(oidc_issuer=provider.issuer, oidc_client_id=CLIENT_ID)
        [found] = sign_in_service(known)
        assert (found.level, "1 keys" in found.seen) == ("ok", True)
        [wrong] = sign_in_service(Settings(oidc_issuer=f"{provider.issuer}/", oidc_client_id=CLIENT_ID))
        assert wrong.level == "warn" and "calls itself" in wrong.seen
        [unset] = sign_in_service(Settings(oidc_issuer=provider.issuer))
        assert "GRADUS_OIDC_CLIENT_ID" in unset.seen
    [dead] = sign_in_service(known)
    assert dead.level == "warn" and "cannot be reached" in dead.seen
