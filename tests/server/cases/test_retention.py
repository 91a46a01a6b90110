"""What is kept of a case, and until when; the clock is a value."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.cases.models import Case, Event, Exhibit, Party, PointChange
from server.cases.retention import erase_due
from server.courses.models import Course
from server.models import AuditLine
from tests.server.cases.conftest import CASES, Cast, Office, code

SECOND = timedelta(seconds=1)


@pytest.fixture
def decided(session: Session, office: Office, course: Course, in_a_week: datetime) -> Case:
    office.tell("ada", in_a_week, "CANARY message")
    office.state("ada", "CANARY statement")
    office.decide("ada", "points", points=10, reasons="CANARY reasons")
    office.decide("bob", "none", reasons="CANARY nothing")
    course.cases_kept_days = 100
    session.commit()
    return session.get_one(Case, office.id)


def everything(session: Session) -> str:
    """All that stands in the tables of cases and in the audit log."""
    tables = [Case.__table__, Party.__table__, Event.__table__, Exhibit.__table__, PointChange.__table__, AuditLine.__table__]
    return " ".join(str(row) for table in tables for row in session.execute(select(table)))


def test_contents_go_on_the_day_and_verdicts_and_points_stay(session: Session, office: Office, decided: Case, cast: Cast) -> None:
    due = decided.closed_at + timedelta(days=100)
    assert office.show()["erased_from"] == due.isoformat().replace("+00:00", "Z")
    assert erase_due(session, now=due - SECOND) == []
    assert "CANARY" in everything(session)
    assert erase_due(session, now=due) == [decided.id]
    session.commit()
    assert erase_due(session, now=due + SECOND) == []
    assert "CANARY" not in everything(session) and "solution.py" not in everything(session)
    case = office.show()
    assert (case["contents"], case["reason"], case["parties"][0]["standing"]["points"]) == ([], None, 10)
    assert [float(points) for points in session.scalars(select(PointChange.points))] == [-10]
    assert case["events"][-1]["kind"] == "erased" and case["events"][-1]["actor"] is None
    for answer in (office.decide("ada", "none"), office.do("second", "ada", "ivo"), office.state("ada", "once more")):
        assert code(answer) == "case_erased"
    own = office.client("ada").get(f"{CASES}/{office.id}/own").json()
    assert (own["decision"]["points"], own["decision"]["reasons"], own["works"]) == (10, None, [])


def test_where_nothing_was_held_against_anybody_it_goes_sooner(session: Session, office: Office, decided: Case) -> None:
    office.decide("ada", "none", reasons="")
    session.expire_all()
    closed_at = session.get_one(Case, office.id).closed_at
    assert erase_due(session, now=closed_at + timedelta(days=30) - SECOND) == []
    assert erase_due(session, now=closed_at + timedelta(days=30)) == [office.id]


def test_an_open_case_is_kept(session: Session, office: Office, in_a_week: datetime) -> None:
    assert erase_due(session, now=in_a_week + timedelta(days=9999)) == []


def test_pages_say_what_goes_when_and_that_it_is_gone(session: Session, office: Office, decided: Case, cast: Cast, visit) -> None:
    page = f"/courses/dl-2026/cases/{office.id}"
    for person in (cast.tia, cast.ada):
        assert "Kept until" in visit(person).get(page).text
    erase_due(session, now=decided.closed_at + timedelta(days=100))
    session.commit()
    for person in (cast.tia, cast.ada):
        text = visit(person).get(page).text
        assert "The contents of this case are erased" in text and "CANARY" not in text and "<textarea" not in text
    assert visit(cast.tia).get(f"{page}/export").status_code == 200
