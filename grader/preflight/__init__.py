"""Whether grading here would be safe: facts are gathered from inside a real box, then judged one by one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    ok = "ok"
    warn = "warn"  # grading is safe, but something should be looked at
    unsafe = "unsafe"  # not one submission should be graded like this


@dataclass(frozen=True)
class Finding:
    """The answer to one question; `fix` says what to do where it is not ok."""

    name: str
    level: Level
    seen: str
    fix: str = ""

    @property
    def ok(self) -> bool:
        return self.level is Level.ok


def finding(name: str, right: bool, seen: str, fix: str, *, otherwise: Level = Level.unsafe) -> Finding:
    return Finding(name, Level.ok if right else otherwise, seen, "" if right else fix)


def in_a_line(each: Finding) -> str:
    return f"preflight: {each.level}: {each.name}: {each.seen}; {each.fix}"


def asked_all(questions: Callable[[], Iterable[Finding]], name: str) -> list[Finding]:
    """Every answer. Questions that cannot even be asked are an answer too; what was found before is kept."""
    found: list[Finding] = []
    try:
        found.extend(answer for answer in questions())
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        found.append(Finding(name, Level.unsafe, why, "this should not happen; please report it"))
    return found
