"""Changing a rubric while marks hang on it: what would change is worked out first, and the marks follow by themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.audit import write_line
from server.marking import points, queries, refusals, rules
from server.marking.models import GivenMark, MarkedQuestion, RubricItem, Scale
from server.marking.service import figure


@dataclass(frozen=True)
class Effect:
    """What a change does to one mark."""

    submission_id: int
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class ItemWords:
    """An item as it is typed. One language may be left out: then the other stands in its place."""

    points: Decimal
    text_en: str
    text_zh: str

    def tidy(self) -> "ItemWords":
        """Raises TextMissing, TextTooLong."""
        en, zh = (rules.tidy_text(each, most=refusals.MAX_WORDS) for each in (self.text_en, self.text_zh))
        if en is None and zh is None:
            raise refusals.TextMissing
        return ItemWords(self.points, en or zh or "", zh or en or "")


def add_item(session: Session, *, question: MarkedQuestion, new: ItemWords, by: User, version: int) -> RubricItem:
    """At the end; no mark changes, since none has it."""
    hold(session, question, version)
    words = new.tidy()
    if sum(each.retired_at is None for each in question.items) >= refusals.MAX_ITEMS:
        raise refusals.TooMany(refusals.MAX_ITEMS)
    place = max((each.position for each in question.items), default=-1) + 1
    item = RubricItem(points=words.points, text_en=words.text_en, text_zh=words.text_zh, position=place)
    question.items.append(item)
    touch(session, question)
    note(session, question, by, "marking.item_added", item=item.id, now=described(item))
    return item


def change_item(
    session: Session,
    *,
    question: MarkedQuestion,
    item: RubricItem,
    new: ItemWords,
    by: User,
    version: int,
    now: datetime,
    is_confirmed: bool = False,
) -> Sequence[Effect]:
    """What it did to marks. Raises ConfirmChange where it would change one and nobody has agreed to that."""
    hold(session, question, version)
    words, before = new.tidy(), described(item)
    effects = effects_of(session, question, items={item.id: words.points})
    if effects and not is_confirmed:
        raise refusals.ConfirmChange(len(effects))
    item.points, item.text_en, item.text_zh = words.points, words.text_en, words.text_zh
    if described(item) != before:
        item.changed_at = now
        touch(session, question)
        note(session, question, by, "marking.item_changed", item=item.id, before=before, now=described(item), works=len(effects))
    return effects


def retire_item(session: Session, *, question: MarkedQuestion, item: RubricItem, by: User, version: int, now: datetime) -> None:
    """It counts where it was ticked and is offered no more; retired already, it is offered again."""
    hold(session, question, version)
    item.retired_at = None if item.retired_at else now
    touch(session, question)
    action = "marking.item_retired" if item.retired_at else "marking.item_offered"
    note(session, question, by, action, item=item.id, now=described(item))


def set_scale(
    session: Session, *, question: MarkedQuestion, scale: Scale, by: User, version: int, now: datetime, is_confirmed: bool = False
) -> Sequence[Effect]:
    """Where marks begin: at nothing, or at the question's points. Raises ConfirmChange as `change_item` does."""
    hold(session, question, version)
    if scale is question.scale:
        return []
    effects = effects_of(session, question, scale=scale)
    if effects and not is_confirmed:
        raise refusals.ConfirmChange(len(effects))
    before, question.scale, question.scale_set_at = question.scale, scale, now
    touch(session, question)
    note(session, question, by, "marking.scale_set", before=before, now=scale, works=len(effects))
    return effects


def effects_of(
    session: Session, question: MarkedQuestion, *, items: Mapping[int, Decimal] | None = None, scale: Scale | None = None
) -> list[Effect]:
    """Of the marks that hold, those whose points would be others; the largest change first."""
    known = {each.id: each.points for each in question.items}
    worth = points.worth_of(question)
    changed = rules.Worth(worth.id, worth.points, scale or worth.scale, worth.section, worth.choose)
    found = []
    for mark in marks_on(session, question):
        given = queries.given_by(mark)
        before, after = rules.points_of(given, worth, known), rules.points_of(given, changed, known | dict(items or {}))
        if before != after:
            found.append(Effect(mark.submission_id, before, after))
    return sorted(found, key=lambda each: (-abs(each.after - each.before), each.submission_id))


def marks_on(session: Session, question: MarkedQuestion) -> list[GivenMark]:
    return list(queries.newest_marks(session, question_ids=[question.id]).values())


def hold(session: Session, question: MarkedQuestion, version: int) -> None:
    """Lock the rubric. Raises RubricChangedMeanwhile where `version` is not the one it has."""
    query = select(MarkedQuestion).where(MarkedQuestion.id == question.id)
    session.scalar(query.with_for_update(of=MarkedQuestion, key_share=True).execution_options(populate_existing=True))
    if question.version != version:
        raise refusals.RubricChangedMeanwhile


def touch(session: Session, question: MarkedQuestion) -> None:
    question.version += 1
    session.flush()


def described(item: RubricItem) -> dict[str, str]:
    return {"points": figure(item.points), "en": item.text_en, "zh": item.text_zh}


def note(session: Session, question: MarkedQuestion, by: User, action: str, **facts: Any) -> None:
    assignment = question.assignment
    write_line(
        session, course=assignment.course, actor=by, action=action, assignment=assignment.slug, question=question.name, **facts
    )
