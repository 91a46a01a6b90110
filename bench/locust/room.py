"""A class in an exam, for Locust, which runs in an environment of its own (bench/locust/requirements.txt).

Each student starts, reads the paper, saves every five seconds what has been typed since, asks for the clock as the room does,
and hands in within the last half minute. What the server has acknowledged is written down, so that `bench.exam` can look
whether all of it is there.
"""

import json
import os
import random
import time
from itertools import count
from pathlib import Path

import gevent
from locust import FastHttpUser, constant, events, task

PLAN = json.loads(Path(os.environ["EXAM_PLAN"]).read_text())
TURN_S, BASELINE_EVERY = 5.0, 12  # turns
CLOCK_S = 60.0  # while the answers to saves tell the time, the clock is asked this often (server/web/static/exam-room.js)
numbers = count()
acknowledged: dict[str, dict] = {}
begun = time.monotonic()


class Student(FastHttpUser):
    """One tab. `versions`: of the fields, as the server has told."""

    wait_time = constant(0)
    connection_timeout = network_timeout = 60.0

    def on_start(self) -> None:
        self.me = PLAN["students"][next(numbers) % len(PLAN["students"])]
        self.auth = {"Authorization": f"Bearer {self.me['token']}", "User-Agent": "a tab of the room"}
        self.versions: dict[str, int] = {}
        self.mine = acknowledged.setdefault(self.me["login"], {"fields": {}, "receipt": None})
        self.turn, self.is_done, self.heard = 0, False, 0.0
        self.ends = begun + PLAN["ramp_s"] + PLAN["work_s"] - random.uniform(0, PLAN["hand_in_s"])
        started = self.ask("POST", "start", json={"accepts_honour": True})
        self.auth["X-Exam-Place"] = started["place"]["key"] if started else ""
        paper = self.ask("GET", "paper")
        self.fields = [each["field"] for part in paper["parts"] for group in part["sections"] for each in group["questions"]]
        self.texts = {each["field"]: each["starter"] for each in paper["files"]}
        gevent.spawn(self.poll)
        time.sleep(random.uniform(0, TURN_S))

    def ask(self, method: str, what: str, **options: object) -> dict | None:
        """Counted under its name; None where it was refused, which counts as a failure."""
        with self.rest(method, f"{PLAN['room']}/{what}", name=f"{method} {what}", headers=self.auth, **options) as answer:
            return answer.js if answer.status_code and answer.status_code < 400 else None

    def poll(self) -> None:
        asked = time.monotonic()
        while not self.is_done:
            time.sleep(TURN_S)
            is_quiet = time.monotonic() - self.heard > TURN_S
            if not self.is_done and (is_quiet or time.monotonic() - asked > CLOCK_S):
                self.ask("GET", "clock")
                asked = time.monotonic()

    @task
    def sit(self) -> None:
        if self.is_done:
            time.sleep(1)
            return
        if time.monotonic() >= self.ends:
            self.hand_in()
            return
        due = time.monotonic() + TURN_S
        self.save()
        if self.turn % BASELINE_EVERY == 0:
            self.client.get("/api/v1/me", headers=self.auth, name="baseline: who am I")
        time.sleep(max(0.0, due - time.monotonic()))

    def save(self) -> None:
        """One answer, and every other time a few more lines of code."""
        self.turn += 1
        typed = {random.choice(self.fields): str(self.turn + random.random())}
        if self.turn % 2:
            field = next(iter(self.texts))
            self.texts[field] += f"# line {self.turn} of {self.me['login']}\n"
            typed[field] = self.texts[field]
        answers = {field: {"value": value, "version": self.versions.get(field, 0)} for field, value in typed.items()}
        kept = self.ask("PUT", "answers", json={"answers": answers, "flags": []})
        if kept:
            self.heard = time.monotonic()
            self.versions |= kept["versions"]
            self.mine["fields"] |= {field: value for field, value in typed.items() if field not in kept["conflicts"]}

    def hand_in(self) -> None:
        found = self.ask("POST", "hand-in")
        self.mine["receipt"] = found["receipt"] if found else None
        self.is_done = True


@events.quitting.add_listener
def write_down(environment: object, **_: object) -> None:
    Path(PLAN["acknowledged"]).write_text(json.dumps(acknowledged))
