"""What the newest rehearsal says of an exam as it is now: lines of the audit log, written by `server.rehearsals`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grader.protocol import Text
from server.audit import AuditLine

BEGUN, REHEARSED, ENDED = "exam.rehearsal_begun", "exam.rehearsed", "exam.rehearsal_ended"


@dataclass(frozen=True)
class Rehearsed:
    """content, version: of the folder and of the set-up for which it was found."""

    name: str  # of who had it played
    at: datetime
    is_ready: bool
    students: int
    content: str | None
    version: int
    figures: Mapping[str, Any]

    def holds(self, *, content: str | None, version: int) -> bool:
        return (self.content, self.version) == (content, version)

    @property
    def told(self) -> Text:
        verdict_en, verdict_zh = ("READY", "可以开考") if self.is_ready else ("NOT READY", "尚未就绪")
        measured = [
            (self.figures.get("save_p95_ms"), "95 % of saves within {:.0f} ms", "95% 的保存在 {:.0f} 毫秒内完成"),
            (self.figures.get("check_delay_s"), "checks waited {:.1f} s at most", "检查最多等待 {:.1f} 秒"),
            (self.figures.get("graded_s"), "95 % judged within {:.0f} s", "95% 在 {:.0f} 秒内评完"),
        ]
        english = [en.format(value) for value, en, _ in measured if value is not None]
        chinese = [zh.format(value) for value, _, zh in measured if value is not None]
        return Text(
            en=", ".join([f"rehearsed with {self.students} simulated students by {self.name}: {verdict_en}", *english]),
            zh="，".join([f"{self.name} 以 {self.students} 名模拟学生试考：{verdict_zh}", *chinese]),
        )


def newest_of(lines: Iterable[AuditLine]) -> Rehearsed | None:
    """lines: about one exam, newest first."""
    line = next((each for each in lines if each.action == REHEARSED), None)
    if line is None:
        return None
    subject, name = line.subject, line.actor.display_name if line.actor else "–"
    return Rehearsed(
        name, line.at, subject["is_ready"], subject["students"], subject["content"], subject["version"], subject["figures"]
    )
