"""Where the server meets the grader: a claimed job becomes a `Job`, the judge's report comes back."""

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy.orm import object_session

from grader.judge import judge
from grader.protocol import Job, Progress, Report, Text, Whose
from grader.sandbox import open_sandbox
from grader.sandbox.base import GraderFailure, Isolation, Sandbox
from grader.sandbox.gpu import Device
from grader.sandbox.options import Options
from grader.seeds import new_seed
from grader.spec import load_assignment
from grader.variants.drawn import has_variant
from server.assignments.fingerprint import grading_fingerprint
from server.assignments.service import folder_of, manifest_of
from server.assignments.variants import variant_of
from server.database import current_time
from server.grading.fleet import Fleet, open_fleet
from server.grading.warming import isolations
from server.questions.answers import answers_of
from server.questions.service import stage_of
from server.settings import Settings
from server.submissions.models import Submission
from server.submissions.service import collected_files

log = logging.getLogger(__name__)

PATIENCE_S = 600.0
PAUSE_S = 2.0

_sandboxes: dict[Isolation | tuple[Isolation, Device], Sandbox] = {}
_fleets: list[Fleet] = []


def sandbox_for(isolation: Isolation, settings: Settings, device: Device | None = None) -> Sandbox:
    """One of each kind per worker process and device, kept warm."""
    kind = isolation if device is None else (isolation, device)
    if kind not in _sandboxes:
        _sandboxes[kind] = open_sandbox(settings.sandbox, isolation, device=device)
        _sandboxes[kind].warm()
    return _sandboxes[kind]


def forget_device(device: Device) -> None:
    """End what is warm on a device."""
    for isolation in Isolation:
        if (sandbox := _sandboxes.pop((isolation, device), None)) is not None:
            sandbox.close()


def fleet_of(settings: Settings) -> Fleet:
    """The GPUs of this worker process; NVML is asked once."""
    if not _fleets:
        _fleets.append(open_fleet(settings, open_sandbox=sandbox_on(settings), forget=forget_device))
    return _fleets[0]


def sandbox_on(settings: Settings, isolation: Isolation = Isolation.fork) -> Callable[[Device], Sandbox]:
    """How a sandbox with a device is opened, for jobs as for the self-test."""
    return lambda device: open_sandbox(settings.sandbox, isolation, device=device)


def wait_until_ready(settings: Settings) -> bool:
    """A worker without a sandbox takes no job: the job stays in the queue, where it uses up no try and others may have it."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            for isolation in isolations(settings):
                sandbox_for(isolation, settings).warm()
            return True
        except GraderFailure as failure:
            log.warning("No sandbox; this worker waits: %s", failure)
            time.sleep(PAUSE_S)
    return False


def close_sandboxes() -> None:
    while _fleets:
        _fleets.pop().close()
    while _sandboxes:
        _, sandbox = _sandboxes.popitem()
        sandbox.close()


def make_job(submission: Submission, settings: Settings) -> Job:
    """Everything the judge needs, read from the tables and the blob store."""
    assignment = submission.assignment
    job = Job(
        assignment=folder_of(assignment, root=settings.assignments),
        files=collected_files(submission, store=settings.blob_store),
        seed=new_seed(settings.derive_key("seeds"), f"{submission.id}:{submission.sha256}"),
    )
    manifest = manifest_of(assignment, root=settings.assignments)
    if not manifest.questions and not has_variant(job.assignment):
        return job
    variant = variant_of(assignment, manifest, user_id=submission.author_id, settings=settings)
    if not manifest.questions:
        return replace(job, variant=variant)
    session = object_session(submission)
    return replace(
        job,
        answers=answers_of(submission, settings.blob_store) or {},
        variant=variant,
        stage=stage_of(session, assignment=assignment, now=current_time(session)),
    )


def run_judge(
    job: Job,
    settings: Settings,
    *,
    progress: Callable[[Progress], None],
    device: Device | None = None,
    is_exam: bool = False,
) -> Report:
    """is_exam: in a sandbox that nobody has used and nobody will use, whatever the assignment says."""
    isolation = Isolation.fresh if is_exam else load_assignment(job.assignment).isolation
    return judge(job, sandbox=sandbox_for(isolation, settings, device), progress=progress)


def versions_of(report: Report, folder: Path) -> dict[str, Any]:
    """What a run was made with, so that one can say later why another came out differently.

    `assignment`: a hash of its folder and of the grader; `image`: of the container, where there was one.
    """
    grading = {"assignment": fingerprint_of(folder), "image": image_of(report)}
    return {"gradus": version("gradus"), **grading, **report.environment.model_dump()}


def fingerprint_of(folder: Path) -> str | None:
    """None where the folder has gone meanwhile. Hashed once, and again only after a file of it has changed."""
    try:
        return _hashed(folder, tuple(sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*"))))
    except OSError:
        return None


@lru_cache(maxsize=64)
def _hashed(folder: Path, _stamps: tuple[tuple[str, int], ...]) -> str:
    return grading_fingerprint(folder)


def image_of(report: Report) -> str | None:
    if report.environment.sandbox != "docker":
        return None
    from grader.sandbox.docker.available import engine_of  # brings the Docker SDK

    try:
        return engine_of(Options()).digest(report.environment.gpu)
    except GraderFailure as failure:
        log.warning("The sandbox image of a run is not known: %s", failure)
        return None


def describe_fault(error: Exception, whose: Whose) -> dict[str, Any]:
    """What staff get to read; the traceback is ours, never the student's."""
    kind, reason = type(error).__name__, storable(str(getattr(error, "orig", None) or error))  # orig: without the statement
    message = Text(en=f"{kind}: {reason}", zh=f"{kind}：{reason}")
    fault = {"whose": whose, "code": "judging_failed", "message": message.model_dump(), "line": None}
    return {"fault": fault, "traceback": storable("".join(traceback.format_exception(error)))[-8000:]}


def storable(text: str) -> str:
    """What PostgreSQL refuses (NUL, half a surrogate pair) written out, so that a reason can always be kept."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")
