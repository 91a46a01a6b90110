"""Marks that nobody overwrites, rubrics that reach all marks, works that change, and what students get."""

from collections.abc import Callable
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import list_lines
from server.courses.models import Course
from server.courses.sections import Section
from server.database import current_time, session_factory
from server.deadlines.models import LateKind
from server.deadlines.queries import Account, open_account
from server.deadlines.service import PolicySettings, set_policy
from server.marking import points, queries, refusals, rubrics, service
from server.marking.models import GivenMark, MarkedQuestion
from server.marking.rubrics import ItemWords
from server.marking.service import Marking, NewComment, NewMark
from server.models import PersonalMessage, Submission
from server.regrades import service as regrades
from server.regrades.models import RegradeState, Remedy
from server.regrades.rules import Answer, AskedAlready, BadPoints, NothingToAskAbout
from server.regrades.views import view_of
from server.settings import Settings
from server.teams.models import Team, TeamMember

Works = dict[str, Submission]
People = dict[str, User]


@pytest.fixture
def account(session: Session, settings: Settings, course: Course) -> Callable[[User], Account]:
    def account(person: User) -> Account:
        session.expire_all()
        return open_account(session, course=course, student_id=person.id, root=settings.assignments)

    return account


def publish(session: Session, marking: Marking, settings: Settings, by: User, **options: object) -> None:
    service.publish(session, marking=marking, by=by, root=settings.assignments, **options)
    session.commit()


def test_a_rubric_begins_as_the_manifest_has_it_and_stays_the_courses_own(
    session: Session, marking: Marking, style: MarkedQuestion, staff: People, settings: Settings
) -> None:
    assert [each.name for each in marking.questions] == ["style", "why", "cost", "proof"]
    assert (style.scale, marking.get("why").scale, marking.get("cost").scale) == ("subtractive", "additive", "additive")
    words = ItemWords(Decimal(-1), "A typo", "")
    item = rubrics.add_item(session, question=style, new=words, by=staff["tia"], version=style.version)
    session.commit()
    again = service.open_marking(session, assignment=marking.assignment, manifest=marking.manifest)
    assert [each.text_en for each in again.get("style").items][-1] == "A typo" == item.text_zh


def test_a_mark_counts_once_it_is_published(
    session: Session, marking: Marking, works: Works, students: People, staff: People, settings: Settings,
    account: Callable[[User], Account], mark_all: Callable[..., None],
) -> None:  # fmt: skip
    ada, id = students["ada"], marking.assignment.id
    assert account(ada).settled[id].total == 60 and account(ada).awaits(id)
    mark_all(works["ada"], staff["tia"], style=(0,))  # 15 of 20, and of the essays two count: 20
    assert points.marks_of(session, assignment_ids=[id]) == {works["ada"].id: points.Marked(Decimal(35), False, True)}
    assert account(ada).settled[id].total == 60 and account(ada).awaits(id)
    assert account(ada).work_of(id, is_pending_full=True).attempts[0].score == 100
    with pytest.raises(refusals.StillUnmarked):
        publish(session, marking, settings, staff["ines"])
    publish(session, marking, settings, staff["ines"], is_confirmed=True)
    assert account(ada).settled[id].total == 95 and not account(ada).awaits(id)
    assert account(students["bob"]).settled[id].total == 40 and account(students["bob"]).awaits(id)
    with pytest.raises(refusals.PublishedAlready):
        publish(session, marking, settings, staff["ines"], is_confirmed=True)


def test_everybody_is_told_once_that_marks_are_out_and_may_ask_about_them_from_then_on(
    session: Session, marking: Marking, works: Works, students: People, staff: People, settings: Settings
) -> None:
    asked = {"submission": works["ada"], "subject": "question:style", "statement": "Why?", "student": students["ada"]}
    asked |= {"manifest": marking.manifest, "now": current_time(session)}
    with pytest.raises(NothingToAskAbout):
        regrades.ask(session, **asked)
    publish(session, marking, settings, staff["ines"], is_confirmed=True)
    told = session.scalars(select(PersonalMessage)).all()
    assert {each.user_id for each in told} == {each.id for each in students.values()} and len(told) == len(students)
    assert regrades.ask(session, **asked).state is RegradeState.open


def test_a_rubric_item_that_a_student_sees_can_be_asked_about_and_shares_the_points_of_its_question(
    session: Session, marking: Marking, works: Works, students: People, staff: People, settings: Settings, style: MarkedQuestion,
    mark_all: Callable[..., None],
) -> None:  # fmt: skip
    mark_all(works["ada"], staff["tia"], style=(0,))
    publish(session, marking, settings, staff["ines"], is_confirmed=True)
    ticked, unticked = (f"item:style/{each.id}" for each in style.items[:2])
    asked = {"submission": works["ada"], "statement": "It is there.", "student": students["ada"]}
    asked |= {"manifest": marking.manifest, "now": current_time(session)}
    with pytest.raises(NothingToAskAbout):
        regrades.ask(session, **asked, subject=unticked)
    with pytest.raises(NothingToAskAbout):
        regrades.ask(session, **asked, subject="item:style/999999")
    one = regrades.ask(session, **asked, subject=ticked)
    whole = regrades.ask(session, **asked, subject="question:style")
    with pytest.raises(AskedAlready):
        regrades.ask(session, **asked, subject=ticked)
    known = {"by": staff["tia"], "manifest": marking.manifest, "now": asked["now"]}
    regrades.answer(session, request=one, answer=Answer("Yes.", True, Remedy.points, Decimal(15)), version=one.version, **known)
    too_much = Answer("Also.", True, Remedy.points, Decimal(6))  # 20 points are all that the question is worth
    with pytest.raises(BadPoints):
        regrades.answer(session, request=whole, answer=too_much, version=whole.version, **known)
    view = view_of(session, request=one, manifest=marking.manifest, for_staff=True)
    assert (view.question, style.items[0].text_en in view.title.en) == ("style", True)


def test_lateness_takes_its_share_of_what_people_gave_too(
    session: Session, marking: Marking, works: Works, students: People, staff: People, settings: Settings, course: Course,
    account: Callable[[User], Account], mark_all: Callable[..., None],
) -> None:  # fmt: skip
    settled = PolicySettings(LateKind.percentage, Decimal(10))
    set_policy(session, course=course, assignment=None, settings=settled, by=staff["ines"], version=0)
    id, received = marking.assignment.id, works["ada"].received_at
    session.execute(update(Assignment).where(Assignment.id == id).values(due_at=received.replace(microsecond=0)))
    mark_all(works["ada"], staff["tia"])
    publish(session, marking, settings, staff["ines"], is_confirmed=True)
    assert account(students["ada"]).settled[id].total == 90


def test_the_second_of_two_markers_is_told_and_overwrites_nothing(
    session: Session, works: Works, style: MarkedQuestion, staff: People, course: Course
) -> None:
    work = works["ada"]
    give = {"submission": work, "question": style}
    first = service.give(session, **give, marker=staff["tia"], new=NewMark(0, [style.items[0].id]))
    with pytest.raises(refusals.MarkedMeanwhile) as told:
        service.give(session, **give, marker=staff["tom"], new=NewMark(0, [style.items[1].id]))
    assert "Tia" in told.value.message.en and "Tia" in told.value.message.zh
    second = service.give(session, **give, marker=staff["tom"], new=NewMark(1, [style.items[1].id]))
    assert queries.list_marks(session, submission=work, question=style) == [second, first]
    assert queries.points_of(second, style) == 12
    line = list_lines(session, course=course)[0]
    assert (line.action, line.subject["before"], line.subject["now"]) == ("marking.marked", "15", "12")
    assert "ada" not in str(line.subject)


def test_marks_and_publications_are_only_ever_added(session: Session, works: Works, style: MarkedQuestion, staff: People) -> None:
    mark = service.give(session, submission=works["ada"], question=style, marker=staff["tia"], new=NewMark(0, comment="fine"))
    session.commit()
    with pytest.raises(ProgrammingError, match=r"given_marks"):
        session.execute(update(GivenMark).where(GivenMark.id == mark.id).values(adjustment=5))
    session.rollback()


def test_of_two_markers_at_the_same_moment_one_is_told(works: Works, style: MarkedQuestion, staff: People) -> None:
    both_ready, told = Barrier(2, timeout=30), []
    work_id, question_id = works["ada"].id, style.id  # read here: a session belongs to one thread

    def mark(marker_id: int, place: int) -> None:
        with session_factory.begin() as session:
            work, question = session.get_one(Submission, work_id), session.get_one(MarkedQuestion, question_id)
            new = NewMark(0, [question.items[place].id])
            both_ready.wait()
            try:
                service.give(session, submission=work, question=question, marker=session.get_one(User, marker_id), new=new)
            except refusals.MarkedMeanwhile as refusal:
                told.append(refusal.facts["version"])

    threads = [Thread(target=mark, args=(staff[login].id, place)) for place, login in enumerate(("tia", "tom"))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert told == [1]
    with session_factory() as session:
        assert len(session.scalars(select(GivenMark)).all()) == 1


@pytest.mark.parametrize(
    ("new", "refusal"),
    [
        (NewMark(0), refusals.NothingGiven),
        (NewMark(0, adjustment=Decimal(-1)), refusals.ReasonMissing),
        (NewMark(0, items=[999_999]), refusals.NoSuchItem),
        (NewMark(0, comment="x" * 20_001), refusals.TextTooLong),
    ],
)
def test_a_mark_that_says_nothing_is_refused(
    session: Session, works: Works, style: MarkedQuestion, staff: People, new: NewMark, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        service.give(session, submission=works["ada"], question=style, marker=staff["tia"], new=new)


def test_editing_an_item_reaches_every_mark_that_has_it_and_says_how_many_before(
    session: Session, works: Works, style: MarkedQuestion, staff: People, course: Course
) -> None:
    names, loops = style.items[0], style.items[1]
    for login, items in (("ada", [names.id]), ("bob", [names.id, loops.id]), ("cleo", [loops.id])):
        service.give(session, submission=works[login], question=style, marker=staff["tia"], new=NewMark(0, items))
    cheaper = {"question": style, "item": names, "by": staff["tom"], "now": current_time(session)}
    words = ItemWords(Decimal(-2), names.text_en, names.text_zh)
    with pytest.raises(refusals.ConfirmChange) as asked:
        rubrics.change_item(session, **cheaper, new=words, version=style.version)
    assert asked.value.facts["works"] == 2 and names.points == -5
    effects = rubrics.change_item(session, **cheaper, new=words, version=style.version, is_confirmed=True)
    assert [(each.submission_id, each.before, each.after) for each in effects] == [
        (works["ada"].id, 15, 18),
        (works["bob"].id, 7, 10),
    ]
    found = points.marks_of(session, assignment_ids=[works["ada"].assignment_id])
    assert [found[works[login].id].points for login in works] == [18, 10, 12]
    assert list_lines(session, course=course)[0].subject["works"] == 2
    with pytest.raises(refusals.RubricChangedMeanwhile):
        rubrics.change_item(session, **cheaper, new=words, version=style.version - 1)


def test_a_retired_item_counts_where_it_was_ticked_and_is_offered_no_more(
    session: Session, works: Works, style: MarkedQuestion, staff: People
) -> None:
    item = style.items[0]
    service.give(session, submission=works["ada"], question=style, marker=staff["tia"], new=NewMark(0, [item.id]))
    rubrics.retire_item(session, question=style, item=item, by=staff["tia"], version=style.version, now=current_time(session))
    assert points.marks_of(session, assignment_ids=[style.assignment_id])[works["ada"].id].points == 15
    again = service.give(session, submission=works["ada"], question=style, marker=staff["tia"], new=NewMark(1, [item.id]))
    assert again.items == [item.id]
    with pytest.raises(refusals.NoSuchItem):
        service.give(session, submission=works["bob"], question=style, marker=staff["tia"], new=NewMark(0, [item.id]))


def test_a_better_attempt_stands_open_and_takes_over_the_mark_of_the_same_answer(
    session: Session, works: Works, marking: Marking, style: MarkedQuestion, students: People, staff: People, settings: Settings,
    hand_in: Callable[..., Submission], grade: Callable[..., object], account: Callable[[User], Account],
) -> None:  # fmt: skip
    bob, id, store = students["bob"], marking.assignment.id, settings.blob_store
    new = NewMark(0, [style.items[0].id])
    service.give(session, submission=works["bob"], question=style, marker=staff["tia"], new=new)
    at = NewComment("solution.py", 2, 3, "Why $2x$?")
    comment = {"submission": works["bob"], "question": style, "author": staff["tia"], "store": store}
    service.comment_line(session, **comment, new=at)
    session.commit()
    publish(session, marking, settings, staff["ines"], is_confirmed=True)
    assert account(bob).settled[id].total == 55
    other = hand_in(marking.assignment, bob, "def double(x): return x + x\n")
    grade(other, 50, max_score=60)
    same = hand_in(marking.assignment, bob, "# bob\ndef double(x):\n    return 2 * x\n")
    grade(same, 60, max_score=60)
    assert account(bob).to_mark[id] == same.id and account(bob).settled[id].attempt_id == same.id
    session.refresh(style)
    asked = {"question": style, "asked": marking.asked["style"], "store": store}
    assert service.find_carried(session, submission=other, **asked) is None
    mark = service.carry_over(session, submission=same, marker=staff["tom"], **asked)
    assert (mark.items, mark.number) == ([style.items[0].id], 1) and mark.carried_from_id
    said = queries.list_comments(session, submission=same, question=style)
    assert [(each.text, each.author_id) for each in said] == [("Why $2x$?", staff["tia"].id)]
    with pytest.raises(refusals.NothingToCarry):
        service.carry_over(session, submission=same, marker=staff["tom"], **asked)


def test_a_marked_attempt_does_not_keep_a_better_one_from_being_marked(
    session: Session, works: Works, marking: Marking, students: People, staff: People, settings: Settings,
    hand_in: Callable[..., Submission], grade: Callable[..., object], account: Callable[[User], Account],
    mark_all: Callable[..., None],
) -> None:  # fmt: skip
    bob, id = students["bob"], marking.assignment.id
    mark_all(works["bob"], staff["tia"])
    publish(session, marking, settings, staff["ines"], is_confirmed=True)
    better = hand_in(marking.assignment, bob, "def double(x): return x + x\n")
    grade(better, 50, max_score=60)
    assert account(bob).settled[id].total == 80 and account(bob).settled[id].attempt_id == works["bob"].id
    assert account(bob).to_mark[id] == better.id and account(bob).awaits(id)
    mark_all(better, staff["tom"])
    assert account(bob).settled[id].total == 90 and not account(bob).awaits(id)


def test_a_comment_is_said_once_and_withdrawn_for_good(
    session: Session, works: Works, style: MarkedQuestion, staff: People, settings: Settings
) -> None:
    here = {"submission": works["ada"], "question": style}
    new = NewComment("solution.py", 2, 3, "A loop would do")
    say = {"author": staff["tia"], "store": settings.blob_store}
    first = service.comment_line(session, **here, new=new, **say)
    assert service.comment_line(session, **here, new=new, **say) is first
    for lines in ((0, 1), (3, 2), (3, 4)):
        with pytest.raises(refusals.NoSuchLines):
            service.comment_line(session, **here, new=NewComment("solution.py", *lines, "x"), **say)
    with pytest.raises(refusals.NoSuchLines):
        service.comment_line(session, **here, new=NewComment("other.py", 1, 1, "x"), **say)
    now = current_time(session)
    service.withdraw_comment(session, **here, comment_id=first.id, by=staff["tom"], now=now)
    assert queries.list_comments(session, **here) == [] and first.withdrawn_by_id == staff["tom"].id


@pytest.mark.parametrize("how", ["works", "sections", "questions"])
def test_work_is_shared_out_and_kept_by_who_has_it(
    session: Session, works: Works, marking: Marking, staff: People, settings: Settings, course: Course, how: str
) -> None:
    session.add_all([Section(course_id=course.id, name=name) for name in ("A", "B")])
    session.flush()
    share = {"marking": marking, "how": how, "seed": "7", "by": staff["ines"], "root": settings.assignments}
    first = service.distribute(session, **share, logins=["tia"])
    assert len(first) == {"works": 3, "sections": 2, "questions": 4}[how]
    both = service.distribute(session, **share | {"seed": "8"}, logins=["tia", "tom"])
    assert {each.marker_id for each in both} == {staff["tia"].id}  # Tia keeps what she has
    anew = service.distribute(session, **share, logins=["tom"])
    assert {each.marker_id for each in anew} == {staff["tom"].id}
    for logins, refusal in (([], refusals.NobodyMarks), (["ada"], refusals.NotOfTheStaff)):
        with pytest.raises(refusal):
            service.distribute(session, **share, logins=logins)


def test_a_section_is_published_by_itself_and_keeps_it_when_it_is_merged(
    session: Session, works: Works, marking: Marking, students: People, staff: People, settings: Settings, course: Course,
    mark_all: Callable[..., None],
) -> None:  # fmt: skip
    section = Section(course_id=course.id, name="A")
    session.add(section)
    session.flush()
    ada = next(each for each in queries.list_students(session, course=course) if each.user_id == students["ada"].id)
    ada.section = section
    for login in ("ada", "bob"):
        mark_all(works[login], staff["tia"])
    publish(session, marking, settings, staff["ines"], section="A")
    ada.section = None
    session.flush()
    found = points.marks_of(session, assignment_ids=[marking.assignment.id])
    assert [found[works[login].id].is_published for login in ("ada", "bob")] == [True, False]


def test_a_team_across_sections_is_published_whole_with_the_first_and_told_once(
    session: Session, works: Works, marking: Marking, students: People, staff: People, settings: Settings, course: Course,
    mark_all: Callable[..., None],
) -> None:  # fmt: skip
    """ada handed in for both; bob, who is named first nowhere, sits in the section that is published first."""
    people = {each.user_id: each for each in queries.list_students(session, course=course)}
    for login, name in (("ada", "A"), ("bob", "B")):
        people[students[login].id].section = Section(course_id=course.id, name=name)
    team = Team(assignment_id=marking.assignment.id, name="two")
    joined = {"assignment_id": marking.assignment.id, "joined_at": current_time(session)}
    team.members = [TeamMember(user_id=students[login].id, **joined) for login in ("ada", "bob")]
    session.add(team)
    session.commit()
    with pytest.raises(refusals.StillUnmarked):
        publish(session, marking, settings, staff["ines"], section="B")
    session.rollback()
    mark_all(works["ada"], staff["tia"])
    publish(session, marking, settings, staff["ines"], section="B")
    found = points.marks_of(session, assignment_ids=[marking.assignment.id])
    assert found[works["ada"].id].is_published
    told = [each.user.login for each in session.scalars(select(PersonalMessage)) if each.kind == "scores_published"]
    assert sorted(told) == ["ada", "bob"]
    with pytest.raises(refusals.PublishedAlready):
        publish(session, marking, settings, staff["ines"], section="A")


def test_works_without_an_answer_get_nothing_all_at_once(
    session: Session, works: Works, marking: Marking, staff: People, settings: Settings
) -> None:
    given = {"marking": marking, "marker": staff["tia"], "root": settings.assignments, "store": settings.blob_store}
    assert service.mark_unanswered(session, **given, question=marking.get("why")) == 3
    assert service.mark_unanswered(session, **given, question=marking.get("why")) == 0
    assert service.mark_unanswered(session, **given, question=marking.get("style")) == 0
    rows = session.scalars(select(GivenMark)).all()
    assert [queries.points_of(each, marking.get("why")) for each in rows] == [0, 0, 0]
