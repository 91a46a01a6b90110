"""The numbers of the demo's papers. Each student has his own, so no file under `hand_ins/` can hold them."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.questions.answers import ANSWERS, split_files
from grader.questions.paper import Paper, as_typed, right_answer
from server.accounts.service import find_user
from server.assignments.models import Assignment
from server.assignments.service import manifest_of
from server.assignments.variants import draw_paper_of
from server.courses.models import Course
from server.demo import cast
from server.settings import Settings

SLIP = ("true_convolution", "cross_correlation")  # what a student gets wrong here, so that its name is seen


def work_out(session: Session, hand_ins: list[cast.HandIn], settings: Settings) -> dict[str, dict[str, bytes]]:
    """By folder: the files as they are sent, of hand-ins that answer questions."""
    of_course = select(Assignment).join(Course).where(Course.slug == cast.COURSE)
    assignments = {each.slug: each for each in session.scalars(of_course)}
    found = {}
    for hand_in in hand_ins:
        assignment = assignments[hand_in.assignment]
        manifest = manifest_of(assignment, root=settings.assignments)
        if manifest.questions:
            student = find_user(session, login=hand_in.login)
            paper = draw_paper_of(assignment, manifest, user_id=student.id, settings=settings)
            found[hand_in.folder] = filled_in(paper, hand_in.files())
    return found


def filled_in(paper: Paper, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What a person has written, and every number right but for one slip."""
    written, others = split_files(files)
    numbers = {item.question.id: right_answer(item.asked) for item in paper.items if not item.question.is_manual}
    answers: dict[str, Any] = numbers | slips(paper) | written
    return {**others, ANSWERS: json.dumps(answers, ensure_ascii=False).encode()}


def slips(paper: Paper) -> dict[str, Any]:
    id, mistake = SLIP
    item = paper.item(id)
    known = next((each for each in item.asked.mistakes if each.id == mistake), None) if item else None
    return {id: as_typed(known.value)} if known else {}
