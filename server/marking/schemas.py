"""JSON shapes of marking."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, Field

from grader.protocol import Text
from server.marking import queries, refusals
from server.marking.models import GivenMark, LineComment, MarkedQuestion, Publication, RubricItem, Scale
from server.marking.rubrics import Effect
from server.marking.views import QuestionRow, WorkRow

Points = Annotated[Decimal, Field(ge=-refusals.MAX_POINTS, le=refusals.MAX_POINTS, decimal_places=2)]


class ItemOut(BaseModel):
    id: int
    points: Decimal
    text: Text
    retired: bool

    @classmethod
    def of(cls, item: RubricItem) -> Self:
        return cls(id=item.id, points=item.points, text=item.text, retired=item.retired_at is not None)


class RubricOut(BaseModel):
    """`version`: to be sent back with a change."""

    question: str
    points: Decimal
    scale: Scale
    version: int
    items: list[ItemOut]

    @classmethod
    def of(cls, question: MarkedQuestion) -> Self:
        items = [ItemOut.of(each) for each in question.items]
        return cls(question=question.name, points=question.points, scale=question.scale, version=question.version, items=items)


class ProgressOut(BaseModel):
    marker: str | None = Field(description="A login; null: nobody's.")
    done: int
    all: int


class QuestionOut(BaseModel):
    question: str
    kind: str
    title: Text
    points: Decimal
    done: int
    all: int
    mean: Decimal | None
    markers: list[ProgressOut]
    next: int | None = Field(description="The submission that you mark next.")

    @classmethod
    def of(cls, row: QuestionRow) -> Self:
        markers = [ProgressOut(marker=each.marker and each.marker.login, done=each.done, all=each.all) for each in row.markers]
        return cls(
            question=row.question.name,
            kind=row.kind,
            title=row.title,
            points=row.question.points,
            done=row.done,
            all=row.all,
            mean=row.spread.mean,
            markers=markers,
            next=row.next_id,
        )


class PublicationOut(BaseModel):
    section: str | None
    at: datetime
    by: str
    unmarked: int

    @classmethod
    def of(cls, row: Publication) -> Self:
        return cls(section=row.section, at=row.at, by=row.published_by.login, unmarked=row.unmarked)


class MarkingOut(BaseModel):
    is_anonymous: bool
    shows_unchosen: bool
    version: int = Field(description="Of these two settings.")
    questions: list[QuestionOut]
    published: list[PublicationOut]


class WorkOut(BaseModel):
    """`students`: logins; empty where names are not shown."""

    submission: int
    number: int
    students: list[str]
    question: str
    marker: str | None
    points: Decimal | None
    version: int

    @classmethod
    def of(cls, row: WorkRow, question: MarkedQuestion) -> Self:
        return cls(
            submission=row.submission_id,
            number=row.number,
            students=[each.login for each in row.students],
            question=question.name,
            marker=row.marker and row.marker.login,
            points=row.points,
            version=row.mark.number if row.mark else 0,
        )


class MarkOut(BaseModel):
    version: int
    points: Decimal
    items: list[int]
    adjustment: Decimal
    reason: str | None
    comment: str | None
    marker: str
    at: datetime
    carried_from: int | None = Field(
        description="The mark of another attempt, with the same answer, that it was taken over from."
    )

    @classmethod
    def of(cls, mark: GivenMark, question: MarkedQuestion) -> Self:
        names = ("items", "adjustment", "reason", "comment", "at")
        kept = {name: getattr(mark, name) for name in names}
        given = {"version": mark.number, "points": queries.points_of(mark, question), "carried_from": mark.carried_from_id}
        return cls(**given, **kept, marker=mark.marker.login)


class CommentOut(BaseModel):
    id: int
    file: str
    first_line: int
    last_line: int
    text: str
    item: int | None
    author: str
    at: datetime

    @classmethod
    def of(cls, comment: LineComment) -> Self:
        names = ("id", "file", "first_line", "last_line", "text", "at")
        kept = {name: getattr(comment, name) for name in names}
        return cls(**kept, item=comment.item_id, author=comment.author.login)


class OneWorkOut(BaseModel):
    """One question of one work: newest mark first, and what is said at its lines."""

    submission: int
    question: str
    answer: str | None
    files: list[str]
    rubric: RubricOut
    marks: list[MarkOut]
    comments: list[CommentOut]


class NewMarkIn(BaseModel):
    version: int = Field(0, ge=0, description="Of the mark that you have seen; 0 where there was none.")
    items: list[int] = Field(default_factory=list, max_length=200)
    adjustment: Points = Decimal(0)
    reason: str = Field("", max_length=refusals.MAX_WORDS)
    comment: str = Field("", max_length=refusals.MAX_TEXT)


class NewCommentIn(BaseModel):
    file: str = Field(max_length=200)
    first_line: int = Field(ge=1)
    last_line: int = Field(ge=1)
    text: str = Field(max_length=refusals.MAX_TEXT)
    item: int | None = None


class ItemIn(BaseModel):
    """One language may be left out: then the other stands in its place."""

    points: Points
    text_en: str = Field("", max_length=refusals.MAX_WORDS)
    text_zh: str = Field("", max_length=refusals.MAX_WORDS)
    version: int = Field(description="Of the rubric.")
    is_confirmed: bool = Field(False, description="Without it, a change that reaches marks is refused and says how many.")


class ScaleIn(BaseModel):
    scale: Scale
    version: int = Field(description="Of the rubric.")
    is_confirmed: bool = False


class VersionIn(BaseModel):
    version: int = Field(description="Of the rubric.")


class CountOut(BaseModel):
    marked: int


class EffectOut(BaseModel):
    submission: int
    before: Decimal
    after: Decimal

    @classmethod
    def of(cls, effect: Effect) -> Self:
        return cls(submission=effect.submission_id, before=effect.before, after=effect.after)


class ChangedOut(BaseModel):
    rubric: RubricOut
    changed: list[EffectOut]


class SharesIn(BaseModel):
    markers: list[str] = Field(max_length=100, description="Logins of the staff.")
    how: str = Field("works", pattern="^(works|sections|questions)$")
    seed: str = Field("", max_length=64, description="Left out: the assignment's name.")


class PlanIn(BaseModel):
    is_anonymous: bool
    shows_unchosen: bool
    version: int


class PublishIn(BaseModel):
    section: str | None = Field(None, max_length=200, description="Its name; left out: everybody.")
    is_confirmed: bool = Field(False, description="Also where something is not marked yet.")
