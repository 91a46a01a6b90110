"""Breaks the platform under load and counts what is lost: nothing may be, and no fault of ours may become a zero.

    make chaos [JOBS=60], or python -m bench.chaos [--jobs 60] [--sandbox docker] [--rounds 3] [--pause 60] [--patience 900]

A whole platform with two worker processes judges honest and hostile submissions, while worker processes are killed with
SIGKILL, running containers are killed behind the platform's back, and the engine stands still for a while. With --sandbox
docker it starts an engine of its own for that, as root, so that nobody else's is paused. Ends with 1 if a verdict is another
than the file earns alone, if a job is not at its end after --patience seconds, or if a container or a process is left.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import docker
import httpx
import psutil
import requests
from rich.console import Console
from sqlalchemy import func, select

from grader.sandbox.options import Options
from server import database
from server.accounts import service as accounts
from server.assignments import service as assignments
from server.cli.platform import Platform, running_platform
from server.courses import service as courses
from server.courses.models import Role
from server.database import current_time, session_factory
from server.models import Job, Run, State
from server.settings import Settings

CONTENT = Path(__file__).resolve().parent.parent / "tests" / "server" / "content"
FINAL = {State.graded, State.needs_staff}
ENGINE_READY_S = 60.0
CLEAN_S = 120.0
FORGES = """import os

def double(x):
    for number in range(3, 64):
        try:
            os.write(number, b'{"score": 100}')
        except OSError:
            pass
    os._exit(0)
"""
KINDS = {  # source and the score that it earns alone
    "right": ("def double(x):\n    return 2 * x\n", 100),
    "slow": ("import time\n\ndef double(x):\n    time.sleep(1)\n    return 2 * x\n", 100),
    "forges": (FORGES, 0),
    "bomb": ("def double(x):\n    held = []\n    while True:\n        held.append(bytearray(1 << 26))\n", 0),
}


@dataclass(frozen=True)
class HandedIn:
    submission_id: int
    kind: str


def main() -> None:
    options, console = parse(), Console()
    with engine(options, console) as dockerd, workplace() as folder:
        settings = Settings(data=folder / "data", assignments=CONTENT, sandbox=options.sandbox, secret="only for this run" * 2)
        tell = lambda text: console.print(f"[dim]{text}[/]")  # noqa: E731
        with running_platform(settings, port=None, workers=2, tell=tell) as platform:
            database.connect(platform.settings.database_url)
            tokens = furnish(options.jobs)
            with ThreadPoolExecutor(1) as background:
                mischief = background.submit(break_things, options, platform, dockerd, console)
                handed_in = hand_in_all(platform.url, tokens, options)
                mischief.result()
            ok = wait_for_all(options, console)
            ok = report(handed_in, console) and ok
        ok = report_what_is_left(options, console) and ok
    sys.exit(0 if ok else 1)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=60)
    parser.add_argument("--sandbox", choices=["docker", "bubblewrap"], default="docker")
    parser.add_argument("--rounds", type=int, default=3, help="how often something is killed before and after the pause")
    parser.add_argument("--pause", type=float, default=60.0, help="seconds for which the engine stands still")
    parser.add_argument("--patience", type=float, default=900.0, help="seconds within which every job has to come to its end")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


@contextmanager
def workplace() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gradus-chaos-"))
    folder.chmod(0o711)  # PostgreSQL's account has to pass through
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def engine(options: argparse.Namespace, console: Console) -> Iterator[subprocess.Popen | None]:
    """An engine of our own with a copy of the sandbox image; DOCKER_HOST names it while the block lasts."""
    if options.sandbox != "docker":
        yield None
        return
    image = Options().image
    with workplace() as folder:
        address = f"unix://{folder}/docker.sock"
        command = ["unshare", "--net"]  # without a bridge, dockerd removes the machine's docker0, unless it lives elsewhere
        command += ["dockerd", "--host", address, "--data-root", folder / "data", "--exec-root", folder / "exec"]
        command += ["--pidfile", folder / "pid", "--bridge", "none", "--iptables=false"]
        with open(folder / "log", "wb") as log:
            dockerd = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_for_engine(address, folder / "log")
            console.print(f"copying {image} into an engine of our own")
            copy_image(image, address)
            os.environ["DOCKER_HOST"] = address
            yield dockerd
        finally:
            os.environ.pop("DOCKER_HOST", None)
            with suppress(ProcessLookupError):
                os.killpg(dockerd.pid, signal.SIGCONT)
            dockerd.terminate()
            dockerd.wait(30)


def wait_for_engine(address: str, log: Path) -> None:
    deadline = time.monotonic() + ENGINE_READY_S
    while time.monotonic() < deadline:
        with suppress(Exception):
            docker.DockerClient(base_url=address, timeout=5).ping()
            return
        time.sleep(0.5)
    raise SystemExit(f"the engine did not start:\n{log.read_text()[-2000:]}")


def copy_image(image: str, address: str) -> None:
    with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as saved:
        subprocess.run(["docker", "--host", address, "load", "--quiet"], stdin=saved.stdout, check=True)


def furnish(count: int) -> list[str]:
    """A course with so many students; returns their tokens."""
    with session_factory.begin() as session:
        now = current_time(session)
        course = courses.create_course(session, slug="dl", title_en="Chaos", title_zh="混乱", time_zone="Asia/Shanghai")
        assignments.create_assignment(
            session, course=course, slug="tiny", opens_at=now - timedelta(days=1), due_at=now + timedelta(days=1),
            closes_at=now + timedelta(days=2), attempt_limit=50, per_day=50,
        )  # fmt: skip
        tokens = []
        for number in range(count):
            user = accounts.create_user(session, login=f"s{number}", display_name=f"S {number}", password="correct horse battery")
            courses.enroll(session, course=course, user=user, role=Role.student)
            tokens.append(accounts.create_api_token(session, user=user, name="chaos")[1])
        return tokens


def hand_in_all(url: str, tokens: list[str], options: argparse.Namespace) -> list[HandedIn]:
    """One submission per student, four at a time as fast as the platform takes them."""
    chance = random.Random(options.seed)
    kinds = [chance.choices(list(KINDS), weights=[6, 2, 1, 1])[0] for _ in tokens]
    with httpx.Client(base_url=url, timeout=30) as client:

        def hand_in(token: str, kind: str) -> HandedIn:
            files = {"files": ("solution.py", KINDS[kind][0].encode())}
            address, headers = "/api/v1/courses/dl/assignments/tiny/submissions", {"Authorization": f"Bearer {token}"}
            answer = client.post(address, files=files, headers=headers).raise_for_status()
            return HandedIn(answer.json()["id"], kind)

        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(hand_in, tokens, kinds))


def break_things(options: argparse.Namespace, platform: Platform, dockerd: subprocess.Popen | None, console: Console) -> None:
    """Kill, kill, stand still, kill: always while there is work."""
    for _ in range(options.rounds):
        time.sleep(4)
        kill_a_worker(platform, console)
        time.sleep(4)
        kill_containers(dockerd, console)
    if dockerd is not None:
        console.print(f"the engine stands still for {options.pause:.0f} s")
        os.kill(dockerd.pid, signal.SIGSTOP)
        time.sleep(options.pause)
        os.kill(dockerd.pid, signal.SIGCONT)
        console.print("the engine goes on")
        time.sleep(2)
        kill_containers(dockerd, console)


def kill_a_worker(platform: Platform, console: Console) -> None:
    """One of the processes that judge, or the parent of them all."""
    program = next(program for program in platform.supervisor.programs if program.name == "worker")
    with suppress(psutil.NoSuchProcess):  # it is being started again
        parent = psutil.Process(program.process.pid)
        victim = random.choice([parent, *parent.children()])
        victim.kill()
        console.print(f"kill -9 {victim.pid}: {'the worker' if victim is parent else 'a process of the worker'}")


def kill_containers(dockerd: subprocess.Popen | None, console: Console) -> None:
    if dockerd is None:
        return
    for container in list_containers():
        with suppress(docker.errors.APIError, requests.RequestException):
            container.kill()
            console.print(f"docker kill {container.short_id}")


def list_containers() -> list:
    return docker.from_env(timeout=20).containers.list(all=True, filters={"label": "gradus.sandbox"})


def wait_for_all(options: argparse.Namespace, console: Console) -> bool:
    """True if every job came to its end in time."""
    deadline = time.monotonic() + options.patience
    while sum((states := count_states())[state] for state in FINAL) < options.jobs:
        shown = "  ".join(f"{state} {number}" for state, number in sorted(states.items()))
        if time.monotonic() > deadline:
            console.print(f"after {options.patience:.0f} s some still wait: {shown}", style="red")
            return False
        console.print(shown, end="\r")
        time.sleep(1)
    return True


def count_states() -> Counter:
    with session_factory() as session:
        return Counter(dict(session.execute(select(Job.state, func.count()).group_by(Job.state)).all()))


def report(handed_in: list[HandedIn], console: Console) -> bool:
    """True if every verdict is the one that the file earns alone."""
    wrong, outcomes = [], Counter()
    with session_factory() as session:
        for each in handed_in:
            runs = session.scalars(select(Run).where(Run.submission_id == each.submission_id)).all()
            state = session.scalar(select(Job.state).where(Job.submission_id == each.submission_id))
            outcomes[f"{each.kind}: {state}"] += 1
            if not is_right(each.kind, state, [float(run.score) for run in runs]):
                wrong.append((each, state, [float(run.score) for run in runs]))
        tries = dict(session.execute(select(Job.tries, func.count()).group_by(Job.tries)).all())
    console.print(dict(sorted(outcomes.items())), f"tries: {tries}")
    console.print(f"{len(handed_in)} handed in, {len(wrong)} wrong verdicts", style="red" if wrong else "green")
    for each in wrong:
        console.print(each)
    return not wrong


def is_right(kind: str, state: State, scores: list[float]) -> bool:
    """One run with the score that the file earns alone, or none and a person looks at it: never a zero for a fault of ours."""
    return scores == [KINDS[kind][1]] if state is State.graded else state is State.needs_staff and not scores


def report_what_is_left(options: argparse.Namespace, console: Console) -> bool:
    """Containers and sandbox processes after the platform has stopped."""
    deadline = time.monotonic() + CLEAN_S
    while (left := what_is_left(options)) and time.monotonic() < deadline:
        time.sleep(1)
    console.print(f"left over: {left or 'nothing'}", style="red" if left else "green")
    return not left


def what_is_left(options: argparse.Namespace) -> list[str]:
    processes = [f"{p.pid} {p.name()}" for p in psutil.Process().children(recursive=True) if p.name() == "bwrap"]
    return processes + ([container.short_id for container in list_containers()] if options.sandbox == "docker" else [])


if __name__ == "__main__":
    main()
