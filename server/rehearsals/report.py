"""A rehearsal as one plain report: figures, findings, verdict. What the command prints, and what the checklist is told."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from server.rehearsals import evidence
from server.rehearsals.evidence import Kept
from server.rehearsals.findings import Finding, Measured, findings, is_ready
from server.rehearsals.hall import Played
from server.rehearsals.records import spread
from server.rehearsals.student import Kind

SAVE = "PUT answers"
MOST_NAMED = 20


def report_of(played: Played, begun: Mapping[str, Any], checklist: Sequence[Mapping[str, Any]], *, target: str) -> dict[str, Any]:
    """begun: what the API answered; checklist: of the real exam."""
    kept = evidence.read(played.archive) if played.archive else {}
    lost = [each for student in played.students for each in evidence.lost_of(student, kept.get(student.login))] if kept else []
    measured = measured_of(played, begun, kept, lost, checklist)
    found = findings(measured)
    return {
        "exam": target,
        "rehearsal": begun["id"],
        "is_ready": is_ready(found),
        "verdict": "READY" if is_ready(found) else "NOT READY",
        "students": len(played.students),
        "seconds": round(played.elapsed_s, 1),
        "findings": [finding_facts(each) for each in found],
        "requests": requests_of(played),
        "errors": [{"kind": kind, "what": what, "count": count} for (kind, what), count in played.log.errors.most_common()],
        "saves": {
            "acknowledged": sum(each.written.count for each in played.students),
            "lost": len(lost),
            "lost_named": lost[:MOST_NAMED],
        },
        "checks": checks_of(played),
        "grading": asdict(spread([each.graded_s for each in kept.values() if each.graded_s is not None]))
        | {"ungraded": len(played.ungraded)},
        "hand_ins": hand_ins_of(kept),
        "credits": {
            "students": sum(each.credits_s > 0 for each in kept.values()),
            "seconds": sum(each.credits_s for each in kept.values()),
        },
        "moves": {"asked": sum(each.script.kind is Kind.moves for each in played.students), "permitted": played.permitted},
        "networks": list(begun["networks"]),
        "is_let_in": begun["is_let_in"],
        "checklist": list(checklist),
    }  # fmt: skip


def finding_facts(found: Finding) -> dict[str, Any]:
    texts = {"seen": found.seen.model_dump(), "next_step": found.next_step.model_dump()}
    return {"code": found.code, "is_problem": found.is_problem, **texts}


def measured_of(
    played: Played,
    begun: Mapping[str, Any],
    kept: Mapping[str, Kept],
    lost: Sequence[str],
    checklist: Sequence[Mapping[str, Any]],
) -> Measured:
    return Measured(
        students=len(played.students),
        started=sum(each.has_started for each in played.students),
        errors=dict(played.log.errors),
        lost=lost,
        left_out=[f"{login} {field}" for login, each in kept.items() for field in each.left_out],
        save_p95_ms=spread(played.log.ms.get(SAVE, [])).p95,
        fair_wait_s=begun["fair_wait_s"],
        check_delay_s=max(played.delays_s.values(), default=None),
        still_running=played.running,
        ungraded=played.ungraded,
        outage_s=max((each.outage_s for each in kept.values()), default=0),
        has_archive=played.archive is not None,
        networks=begun["networks"],
        is_let_in=begun["is_let_in"],
        checklist=checklist,
    )


def requests_of(played: Played) -> list[dict[str, Any]]:
    failed: dict[str, int] = {}
    for (kind, _), count in played.log.errors.items():
        failed[kind] = failed.get(kind, 0) + count
    found = []
    for kind, times in sorted(played.log.ms.items()):
        ms = spread(times)
        found.append(
            {
                "kind": kind,
                "count": ms.count,
                "failed": failed.get(kind, 0),
                "p50_ms": rounded(ms.p50),
                "p95_ms": rounded(ms.p95),
                "max_ms": rounded(ms.most),
            }
        )
    return found


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def checks_of(played: Played) -> dict[str, Any]:
    """The longest wait of each student for the judge, as the invigilators saw it."""
    asked = sum(each.checks_asked for each in played.students)
    return {"asked": asked} | {
        f"delay_{name}_s": value for name, value in asdict(spread(list(played.delays_s.values()))).items() if name != "count"
    }


def hand_ins_of(kept: Mapping[str, Kept]) -> dict[str, int]:
    names = ("student", "clock", "staff")
    return {name: sum(each.handed_in_by == name for each in kept.values()) for name in names}


def figures_of(report: Mapping[str, Any]) -> dict[str, Any]:
    """What the checklist is told."""
    saves = next((each["p95_ms"] for each in report["requests"] if each["kind"] == SAVE), None)
    return {
        "errors": sum(each["count"] for each in report["errors"]),
        "lost": report["saves"]["lost"],
        "save_p95_ms": saves,
        "check_delay_s": report["checks"]["delay_most_s"],
        "graded_s": report["grading"]["p95"],
        "by_clock": report["hand_ins"]["clock"],
        "problems": [each["code"] for each in report["findings"] if each["is_problem"]],
    }
