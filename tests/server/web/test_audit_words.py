"""Every action that the code writes into the audit log has words on its page, in both languages."""

import ast
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from markupsafe import Markup

from server.audit import AuditLine
from server.courses.models import Course
from server.exams.models import SittingEvent
from server.web import templating
from server.web.i18n import LANGUAGES

SERVER = Path(templating.__file__).parent.parent
ACTION = re.compile(r"[a-z]+\.[a-z_]+(\.[a-z_]+)?")
NOW = datetime(2026, 6, 22, 9, tzinfo=UTC)

WOVEN = {  # f-strings, by module: what stands between the braces
    "exams/credits.py": ("exam.credited_{}", ("queue", "outage")),
    "exams/places.py": ("exam.{}", ("place.permitted", "place.refused")),
    "exams/invigilation.py": ("exam.{}", ("handed_in_by_staff", "reopened", "missed_counted", "missed_dismissed")),
}


@cache
def modules() -> dict[str, ast.Module]:
    """Those that write lines."""
    texts = {path.relative_to(SERVER).as_posix(): path.read_text(encoding="utf-8") for path in sorted(SERVER.rglob("*.py"))}
    return {name: ast.parse(text) for name, text in texts.items() if "write_line" in text and name != "audit.py"}


def strings_in(tree: ast.AST) -> set[str]:
    """Whole literals, without the parts of f-strings."""
    found = list(ast.walk(tree))
    parts = {id(part) for each in found if isinstance(each, ast.JoinedStr) for part in each.values}
    return {
        each.value for each in found if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in parts
    }


def given_actions(tree: ast.AST) -> list[ast.expr]:
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
    return [keyword.value for call in calls for keyword in call.keywords if keyword.arg == "action"]


@cache
def actions() -> tuple[str, ...]:
    """The literals of these modules that begin with the first word of one that is given as `action`, and what is woven."""
    direct = {text for tree in modules().values() for given in given_actions(tree) for text in strings_in(given)}
    areas = {text.split(".")[0] for text in direct if ACTION.fullmatch(text)}
    plain = {text for tree in modules().values() for text in strings_in(tree) if ACTION.fullmatch(text)}
    woven = {pattern.format(word) for pattern, words in WOVEN.values() for word in words}
    return tuple(sorted({text for text in plain if text.split(".")[0] in areas and not text.endswith(".json")} | woven))


def test_no_action_is_woven_unseen() -> None:
    found = {name for name, tree in modules().items() if any(isinstance(each, ast.JoinedStr) for each in given_actions(tree))}
    assert found == WOVEN.keys()
    literals = strings_in(modules()["exams/invigilation.py"]) | strings_in(modules()["exams/places.py"])
    assert {word for name in ("exams/places.py", "exams/invigilation.py") for word in WOVEN[name][1]} <= literals
    notes = [each for each in ast.walk(modules()["exams/invigilation.py"]) if isinstance(each, ast.Call) and is_note(each)]
    assert {each.args[2].value for each in notes} == set(WOVEN["exams/invigilation.py"][1])


def is_note(call: ast.Call) -> bool:
    """Of what goes into the audit log as well."""
    return isinstance(call.func, ast.Name) and call.func.id == "note"


def said_of(language: str, action: str, **subject: object) -> str:
    context = templating.moments_in(language, zone="Asia/Shanghai", now=NOW)
    course = Course(slug="dl-2026", title_en="Deep Learning", title_zh="深度学习", time_zone="Asia/Shanghai")
    lines = templating.environment(language).get_template("courses/audit_lines.html")
    words = lines.make_module(context | {"course": course, "zone": "Asia/Shanghai"})
    return str(words.what(AuditLine(action=action, subject=subject)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_has_words(language: str) -> None:
    assert len(actions()) > 90
    wordless, untranslated = [], []
    for action in actions():
        said = Markup(said_of(language, action)).striptags()
        wordless += [action] if action in said or not said.strip() else []
        untranslated += [action] if language == "zh_CN" and not re.search("[一-鿿]", said) else []
    assert (wordless, untranslated) == ([], [])


def test_what_has_no_words_would_be_found() -> None:
    assert "comet.seen" in said_of("en", "comet.seen")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_of_a_sitting_has_words(language: str) -> None:
    """Those that `places.note` and its neighbours write into a student's history."""
    kinds = set(WOVEN["exams/invigilation.py"][1]) | EVENTS
    context = templating.moments_in(language, zone="Asia/Shanghai", now=NOW)
    pieces = templating.environment(language).get_template("exams/staff_pieces.html").make_module(context)
    moved = {"before": "2026-06-22T01:00:00+00:00", "after": "2026-06-22T02:00:00+00:00", "seconds": 60}
    said = {kind: str(pieces.event(SittingEvent(kind=kind, facts=moved))) for kind in kinds}
    assert [kind for kind, words in said.items() if f"<code>{kind}</code>" in words] == []
    assert "<code>comet.seen</code>" in str(pieces.event(SittingEvent(kind="comet.seen", facts={})))
    written = {
        text for path in (SERVER / "exams").glob("*.py") for text in events_in(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert written <= kinds


EVENTS = {"started", "checked", "handed_in", "granted", "grant_taken_back", "credit.queue", "credit.outage", "window.moved"} | {
    f"place.{what}" for what in ("opened", "waiting", "permitted", "refused", "address_changed", "browser_changed")
}


def events_in(tree: ast.AST) -> set[str]:
    """Literals that are given to `places.note` as a kind."""
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call) and ast.unparse(each.func) == "places.note"]
    return {each.args[2].value for each in calls if len(each.args) > 2 and isinstance(each.args[2], ast.Constant)}


WINDOW = {"opens_at": "2026-06-22T01:00:00+00:00", "closes_at": "2026-06-22T04:00:00+00:00"}


@pytest.mark.parametrize(
    ("action", "subject", "expected"),
    [
        ("set_up", {"before": None, "after": {"minutes": 90, **WINDOW}}, "made it an exam of 90 minutes"),
        ("set_up", {"before": {"windows": {}}, "after": {"windows": {"A1": WINDOW}}}, "A1 Mon 22 Jun 09:00 – Mon 22 Jun 12:00"),
        ("set_up", {"before": {"minutes": 90}, "after": {"minutes": 95}, "students": ["ada"]}, "minutes: 90 → 95; a later end"),
        ("granted", {"students": ["ada", "eve"], "seconds": 330, "kind": "extra"}, "gave ada, eve 5 min 30 s of extra time"),
        ("credited_queue", {"student": "ada", "seconds": 42}, "gave ada 42 s, since checks had to wait"),
        ("said", {"en": "n is 4.", "zh": "n 为 4。", "section": None}, "said to all in the exam: n is 4."),
        ("missed_dismissed", {"student": "ada", "field": "question:total"}, "dismissed a missed save of ada: question:total"),
    ],
)  # fmt: skip
def test_lines_of_exams_say_what_was_done(action: str, subject: dict, expected: str) -> None:
    said = " ".join(Markup(said_of("en", f"exam.{action}", **subject)).striptags().split())
    assert expected in said
