"""All marks of an assignment as a file: a line for each question of each work."""

from collections.abc import Iterator
from pathlib import Path

from fastapi.responses import Response
from sqlalchemy.orm import Session

from server import spreadsheet
from server.marking import queries
from server.marking.models import MarkedQuestion
from server.marking.queries import Work
from server.marking.rules import CENT
from server.marking.service import Marking
from server.marking.views import Board, open_board

COLUMNS = (
    "students", "section", "submission", "question", "points", "max_points", "items", "adjustment", "reason", "comment",
    "marker", "marked_at", "marks",
)  # fmt: skip


def as_csv(board: Board, *, with_names: bool) -> str:
    rows = [row_of(board, work, each, with_names=with_names) for work in board.works for each in board.marking.questions]
    return spreadsheet.as_csv([COLUMNS, *rows])


def respond(session: Session, marking: Marking, *, root: Path) -> Response:
    """With names, unless the marking is anonymous and not published yet."""
    board = open_board(session, marking=marking, root=root)
    is_open = bool(queries.list_publications(session, assignment=marking.assignment))
    content = as_csv(board, with_names=is_open or not marking.plan.is_anonymous)
    headers = {"Content-Disposition": f'attachment; filename="{marking.assignment.slug}-marks.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def row_of(board: Board, work: Work, question: MarkedQuestion, *, with_names: bool) -> Iterator[object]:
    mark = board.mark_of(work, question)
    yield "+".join(each.login for each in work.students) if with_names else ""
    yield work.section.name if work.section and with_names else ""
    yield work.submission_id
    yield question.name
    yield queries.points_of(mark, question).quantize(CENT) if mark else None
    yield question.points.quantize(CENT)
    yield " | ".join(each.text_en for each in question.items if mark and each.id in mark.items)
    yield mark.adjustment.quantize(CENT) if mark else None
    yield mark.reason if mark else None
    yield mark.comment if mark else None
    yield mark.marker.login if mark else None
    yield mark.at.isoformat() if mark else None
    yield mark.number if mark else 0
