"""Who reads what when, and that nothing anybody said gets lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.announcements.models import Announcement
from server.assignments.models import Assignment
from server.courses.models import Course, Enrollment, Section
from server.database import current_time

NEWS = "/api/v1/courses/dl-2026/announcements"
ClientAs = Callable[[User], TestClient]


def titles(client: TestClient) -> list[str]:
    return [each["title"] for each in client.get(NEWS).json()]


def test_students_read_what_is_out_pinned_first(
    announce: Callable[..., Announcement], client_as: ClientAs, student: User, tia: User, session: Session
) -> None:
    later = current_time(session) + timedelta(hours=1)
    for title, fields in (("Old", {"pinned": True}), ("New", {}), ("Soon", {"publish_at": later})):
        announce(title, **fields)
    assert titles(client_as(student)) == ["Old", "New"]
    assert titles(client_as(tia)) == ["Old", "Soon", "New"]


def test_a_scheduled_one_comes_out_by_the_databases_clock(
    announce: Callable[..., Announcement], client_as: ClientAs, student: User, session: Session
) -> None:
    soon = announce("Soon", publish_at=current_time(session) + timedelta(hours=1))
    ada = client_as(student)
    assert ada.get(f"{NEWS}/{soon.id}").status_code == 404
    soon.publish_at = current_time(session)
    session.commit()
    assert ada.get(f"{NEWS}/{soon.id}").json()["unread"] is True


def test_a_section_reads_only_its_own(
    announce: Callable[..., Announcement], client_as: ClientAs, student: User, make_member: Callable[..., User],
    evening: Section, session: Session, tia: User,
) -> None:  # fmt: skip
    bob = make_member("bob")
    session.query(Enrollment).filter_by(user_id=bob.id).one().section_id = evening.id
    session.commit()
    mine = client_as(tia).post(NEWS, json={"title": "Room", "text": "B 12", "section": "Evening"}).json()
    assert titles(client_as(student)) == [] and titles(client_as(bob)) == ["Room"]
    assert client_as(student).get(f"{NEWS}/{mine['id']}").status_code == 404
    refused = client_as(tia).post(NEWS, json={"title": "Room", "text": "B 12", "section": "Dawn"})
    assert refused.status_code == 422 and refused.json()["field"] == "section" and "'Dawn'" in refused.json()["detail"]


def test_reading_makes_it_old_and_a_new_wording_makes_it_news_again(
    announce: Callable[..., Announcement], client_as: ClientAs, student: User, tia: User
) -> None:
    first = announce()
    ada, staff = client_as(student), client_as(tia)
    ada.post(f"{NEWS}/read")
    assert [each["unread"] for each in ada.get(NEWS).json()] == [False]
    wanted = {"title": "Week 2", "text": "Read chapter 3.", "version": 1}
    changed = staff.put(f"{NEWS}/{first.id}", json=wanted).json()
    assert changed["changed_at"] and changed["version"] == 2
    (seen,) = ada.get(NEWS).json()
    assert seen["unread"] and seen["text"] == "Read chapter 3."
    history = staff.get(f"{NEWS}/{first.id}/history").json()["revisions"]
    assert [each["text"] for each in history] == ["Read $x^2$.", "Read chapter 3."]


def test_pinning_alone_is_no_news(announce: Callable[..., Announcement], client_as: ClientAs, student: User, tia: User) -> None:
    first = announce()
    ada = client_as(student)
    ada.post(f"{NEWS}/read")
    wanted = {"title": first.title, "text": first.text, "pinned": True, "version": 1}
    assert client_as(tia).put(f"{NEWS}/{first.id}", json=wanted).json()["changed_at"] is None
    assert ada.get(NEWS).json()[0]["unread"] is False


def test_the_second_of_two_writers_is_told_and_overwrites_nothing(
    announce: Callable[..., Announcement], client_as: ClientAs, tia: User
) -> None:
    first, staff = announce(), client_as(tia)
    wanted = {"title": "Mine", "text": "one", "version": 1}
    assert staff.put(f"{NEWS}/{first.id}", json=wanted).status_code == 200
    late = staff.put(f"{NEWS}/{first.id}", json=wanted | {"text": "two"})
    assert late.status_code == 409 and late.json()["version"] == 2
    assert staff.get(f"{NEWS}/{first.id}").json()["text"] == "one"


def test_a_withdrawn_one_is_gone_for_students_and_kept_for_staff(
    announce: Callable[..., Announcement], client_as: ClientAs, student: User, tia: User
) -> None:
    first, staff = announce(), client_as(tia)
    withdrawal = {"version": 1, "reason": "wrong room"}
    assert staff.post(f"{NEWS}/{first.id}/withdraw", json=withdrawal).status_code == 204
    assert client_as(student).get(f"{NEWS}/{first.id}").status_code == 404
    assert staff.get(NEWS).json()[0]["withdrawn_at"]
    assert staff.put(f"{NEWS}/{first.id}", json={"title": "a", "text": "b", "version": 2}).json()["code"] == "already_withdrawn"
    lines = staff.get("/api/v1/courses/dl-2026/audit").json()
    assert [line["action"] for line in lines] == ["announcement.withdrawn", "announcement.published"]
    assert lines[0]["subject"]["reason"] == "wrong room"


def test_a_wording_is_never_changed_in_the_database(announce: Callable[..., Announcement], session: Session) -> None:
    announce()
    with pytest.raises(DBAPIError, match="announcement_revisions"):
        session.execute(text("UPDATE announcement_revisions SET text = 'other'"))


def test_drafts_are_filled_from_the_assignment_and_say_what_is_left_open(
    client_as: ClientAs, tia: User, assignment: Assignment
) -> None:
    staff = client_as(tia)
    headers = {"accept-language": "zh"}
    drafts = {each["key"]: each for each in staff.get(f"{NEWS}/drafts?assignment=tiny", headers=headers).json()}
    moved = drafts["date_moved"]
    assert "/courses/dl-2026/assignments/tiny" in moved["text"] and "{due}" not in moved["text"]
    assert moved["open"] == ["old_due", "reason"] and moved["title"].endswith("时间调整")
    assert staff.get(f"{NEWS}/drafts?assignment=none-such").status_code == 404


def test_a_course_keeps_drafts_of_its_own(client_as: ClientAs, tia: User, course: Course) -> None:
    staff = client_as(tia)
    mine = {"name": "First week", "title": "{course} begins", "text": "See {link}."}
    kept = staff.post(f"{NEWS}/drafts", json=mine)
    assert kept.status_code == 201
    assert staff.post(f"{NEWS}/drafts", json=mine).json()["code"] == "name_taken"
    found = staff.get(f"{NEWS}/drafts").json()[-1]
    assert found["title"] == "Deep Learning begins" and found["open"] == ["link"]
    assert staff.delete(f"{NEWS}/drafts/{kept.json()['id']}").status_code == 204
    assert len(staff.get(f"{NEWS}/drafts").json()) == 6
