"""What becomes of a job that needs a GPU: it gets one, waits for one, or goes to another one. Devices are on paper."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from grader.sandbox import gpu
from grader.sandbox.base import GraderFailure, Limits
from grader.sandbox.fake import FakeSandbox
from grader.sandbox.fake_gpu import FakeNvml, fake_device
from server.accounts.models import User
from server.assignments.service import manifest_of
from server.cli.report import progress_line, summary_line
from server.database import current_time
from server.grading import devices, judging, tasks
from server.grading.devices import Locks
from server.grading.fleet import Fleet
from server.models import DeviceState, GpuDevice, Job, State, Submission
from server.settings import Settings
from server.submissions import rules
from server.submissions import service as submissions
from server.submissions.upload import Upload

ZERO, ONE = fake_device(0), fake_device(1)
RIGHT = b"def double(x):\n    return 2 * x\n"


class OnPaper(FakeSandbox):
    """A sandbox with a device; `do` happens while a submission is in it."""

    do: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, device: gpu.Device) -> None:
        super().__init__()
        self.device = device

    @contextmanager
    def open(self, limits: Limits) -> Iterator[Any]:
        type(self).do()
        with super().open(limits) as box:
            box.gpu_peak_bytes = 2 << 30
            yield box


@pytest.fixture(params=["cuda"])
def wish(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def settings(settings: Settings, tmp_path: Path, wish: str) -> Settings:
    """The tiny assignment, which now says `device = …`."""
    folder = shutil.copytree(settings.assignments, tmp_path / "content")
    manifest = folder / "tiny" / "assignment.toml"
    manifest.write_text(manifest.read_text().replace("[limits]", f'device = "{wish}"\n[limits]', 1))
    assert f'device = "{wish}"' in manifest.read_text()
    return settings.model_copy(update={"assignments": folder})


@pytest.fixture
def nvml() -> FakeNvml:
    return FakeNvml(ZERO, ONE)


@pytest.fixture
def fleet(session: Session, settings: Settings, nvml: FakeNvml, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    monkeypatch.setattr(gpu, "CLEAN_S", 0.05)
    monkeypatch.setattr(tasks, "get_settings", lambda: settings)
    monkeypatch.setattr(judging, "open_sandbox", lambda backend, isolation, device=None: sandbox_with(device))
    monkeypatch.setattr(judging, "_sandboxes", {})
    with closing(Fleet((ZERO, ONE), nvml, Locks(settings.database_url), open_sandbox=OnPaper)) as fleet:
        for device in (ZERO, ONE):
            devices.register(session, device=device, host="here", idle_bytes=0)
        session.commit()
        monkeypatch.setattr(judging, "_fleets", [fleet])
        monkeypatch.setattr(fleet, "_test", lambda device, idle_bytes: None)
        yield fleet
    OnPaper.do = staticmethod(lambda: None)


def sandbox_with(device: gpu.Device | None) -> FakeSandbox:
    return OnPaper(device) if device else FakeSandbox()


@pytest.fixture
def submission(session: Session, settings: Settings, assignment, student: User) -> Submission:
    files = {"solution.py": RIGHT}
    manifest = manifest_of(assignment, root=settings.assignments)
    made = submissions.submit(
        session, assignment=assignment, author=student, upload=Upload(uploaded=files, collected=files),
        store=settings.blob_store, queue=rules.queue_of(manifest), now=current_time(session),
    )  # fmt: skip
    session.commit()
    return made


def judge(session: Session, submission: Submission) -> Job:
    tasks.grade_submission(submission.job.id)
    session.expire_all()
    session.rollback()
    return submission.job


def busy(fleet: Fleet, settings: Settings) -> Locks:
    """Another worker, which has every device."""
    locks = Locks(settings.database_url)
    assert all(locks.take(device.uuid) for device in fleet.devices)
    return locks


def test_a_gpu_job_is_judged_on_a_gpu_and_the_report_says_so(fleet: Fleet, session: Session, submission: Submission) -> None:
    assert judge(session, submission).state is State.graded
    environment = submission.run.read_report().environment
    assert (submission.run.score, environment.device, environment.gpu) == (100, "cuda", "Paper 9000")
    assert environment.gpu_memory_bytes == 2 << 30


def test_without_a_free_gpu_it_waits_and_uses_no_try(
    fleet: Fleet, session: Session, settings: Settings, submission: Submission
) -> None:
    with closing(busy(fleet, settings)):
        job = judge(session, submission)
        assert (job.state, job.tries, submission.run) == (State.received, 0, None)
    assert judge(session, submission).state is State.graded


@pytest.mark.parametrize("wish", ["auto"], indirect=True)
def test_what_would_like_a_gpu_takes_the_cpu_where_none_is_free_and_says_so(
    fleet: Fleet, session: Session, settings: Settings, submission: Submission
) -> None:
    with closing(busy(fleet, settings)):
        assert judge(session, submission).state is State.graded
    report = submission.run.read_report()
    assert (report.environment.device, report.score) == ("cpu", 100)
    assert "CPU" in report.notes[0].en


@pytest.mark.parametrize("wish", ["auto"], indirect=True)
def test_what_would_like_a_gpu_gets_one_that_is_free(fleet: Fleet, session: Session, submission: Submission) -> None:
    judge(session, submission)
    report = submission.run.read_report()
    assert (report.environment.device, report.notes) == ("cuda", [])


@pytest.mark.parametrize("wish", ["cpu"], indirect=True)
def test_what_needs_no_gpu_leaves_them_alone(fleet: Fleet, session: Session, nvml: FakeNvml, submission: Submission) -> None:
    judge(session, submission)
    assert (submission.run.read_report().environment.device, nvml.looks) == ("cpu", 0)


def test_a_verdict_stands_although_its_device_is_taken_out_of_service(
    fleet: Fleet, session: Session, nvml: FakeNvml, submission: Submission
) -> None:
    OnPaper.do = staticmethod(lambda: nvml.processes[ZERO.uuid].add(99))
    assert judge(session, submission).state is State.graded
    assert submission.run.score == 100
    assert session.get(GpuDevice, ZERO.uuid).state is DeviceState.quarantined


def test_where_the_fault_is_the_devices_the_job_runs_on_another(
    fleet: Fleet, session: Session, nvml: FakeNvml, submission: Submission
) -> None:
    """An endless kernel: the process cannot be killed, no verdict, and NVML still sees it."""

    def hang() -> None:
        nvml.processes[ZERO.uuid].add(99)
        raise GraderFailure("a process in the sandbox could not be killed")

    OnPaper.do = staticmethod(hang)
    job = judge(session, submission)
    assert (job.state, job.tries, submission.run) == (State.queued, 1, None)
    assert "99" in session.get(GpuDevice, ZERO.uuid).why
    OnPaper.do = staticmethod(lambda: None)
    assert judge(session, submission).state is State.graded
    assert session.get(GpuDevice, ONE.uuid).state is DeviceState.ready


def test_an_error_of_the_device_during_a_run_costs_no_point(
    fleet: Fleet, session: Session, nvml: FakeNvml, submission: Submission
) -> None:
    OnPaper.do = staticmethod(lambda: nvml.complaints[ZERO.uuid].append("the driver reported Xid 79"))
    job = judge(session, submission)
    assert (job.state, submission.run) == (State.queued, None)
    assert "Xid 79" in job.fault["fault"]["message"]["en"]
    OnPaper.do = staticmethod(lambda: None)
    assert judge(session, submission).state is State.graded


WAITS = {
    "en": ("waits for a free GPU", "no GPU is in service right now"),
    "zh": ("正在等待空闲的 GPU", "目前没有可用的 GPU"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("in_service", [True, False])
def test_page_and_command_line_say_what_it_waits_for(
    fleet: Fleet, session: Session, client_as: Callable[[User], TestClient], submission: Submission, student: User,
    monkeypatch: pytest.MonkeyPatch, language: str, in_service: bool,
) -> None:  # fmt: skip
    if not in_service:
        for device in (ZERO, ONE):
            devices.quarantine(session, uuid=device.uuid, why="smoke")
        session.commit()
    words = WAITS[language][0 if in_service else 1]
    shown = client_as(student).get(f"/api/v1/submissions/{submission.id}").json()
    assert shown["progress"]["queue"]["waits_for"] == ("gpu" if in_service else "gpu_in_service")
    monkeypatch.setenv("LC_ALL", f"{language}.UTF-8")
    assert words in progress_line(shown["progress"]) and words in summary_line(shown)


def test_numbers_tell_the_devices_by_state(fleet: Fleet, session: Session, app_client: TestClient) -> None:
    devices.quarantine(session, uuid=ZERO.uuid, why="smoke")
    session.commit()
    numbers = app_client.get("/metrics").text
    assert 'gradus_devices{state="ready"} 1.0' in numbers and 'gradus_devices{state="quarantined"} 1.0' in numbers
    assert "smoke" not in numbers
