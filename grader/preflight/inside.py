"""The walls as they are seen by whoever is inside a box."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.preflight import Finding, finding
from grader.sandbox.base import BoxEnded, GraderFailure, Limits, Sandbox
from grader.sandbox.mounts import ENVIRONMENT

PROBE = Path(__file__).parent / "probe.py"
PROBE_S = 10.0
SET_BY_OTHERS = {"PWD", "HOSTNAME", "LC_CTYPE", "TORCHINDUCTOR_CACHE_DIR"}  # bubblewrap, Docker, Python, torch; nothing of ours
MACHINE_PLACES = ("/root/.ssh", "/home", "/etc/shadow", "/etc/machine-id", "/var/run/docker.sock", "/run/docker.sock")
Seen = Mapping[str, Any]
Question = Callable[[Seen], Finding]


def look_inside(sandbox: Sandbox, places: Sequence[str] = ()) -> Seen:
    """What the probe answers. Raises GraderFailure where there is no box, or none that answers."""
    files = {"solution.py": PROBE.read_bytes()}
    try:
        with sandbox.open(Limits()) as box:
            box.request("load", {"files": files, "module": "solution"}, seconds=PROBE_S)
            existing = [place for place in (*MACHINE_PLACES, *places) if os.path.lexists(place)]
            reply = box.request("call", {"target": "look", "args": [existing]}, seconds=PROBE_S)
    except BoxEnded as ended:
        raise GraderFailure(f"the probe ended: {ended}") from ended
    if "error" in reply:
        raise GraderFailure(f"the probe did not come to its end: {reply['error']['message'][:200]}")
    return reply["value"]


def findings(seen: Seen) -> list[Finding]:
    return [question(seen) for question in QUESTIONS]


def environment(seen: Seen) -> Finding:
    """A name that is not on the list may hold a password; its value is not repeated here."""
    extra = sorted(set(seen["environment"]) - set(ENVIRONMENT) - SET_BY_OTHERS)
    text = f"not on the list: {', '.join(extra)}"[:200] if extra else "only what is on the list"
    return finding("environment", not extra, text, "stop grading: the sandbox hands on its own environment; please report it")


def filtered(seen: Seen) -> Finding:
    right = seen["seccomp"] == 2 and not seen["allowed_calls"]
    text = "refused: keyctl, unshare, io_uring" if right else f"mode {seen['seccomp']}, allowed: {seen['allowed_calls']}"
    return finding("seccomp", right, text, "use a kernel with CONFIG_SECCOMP_FILTER, and an engine that honours the profile")


def network(seen: Seen) -> Finding:
    text = f"a route to {', '.join(seen['routes'])}" if seen["routes"] else "no route out"
    return finding("network", not seen["routes"], text, "stop grading: the sandbox is not cut off; see the engine's networks")


def files(seen: Seen) -> Finding:
    found = [*seen["readable"], *(f"{place} (writable)" for place in seen["writable"])]
    text = f"seen inside: {', '.join(found)}"[:200] if found else "nothing of this machine is inside, and nothing can be written"
    return finding("files", not found, text, "stop grading: the sandbox sees this machine's files; please report it")


def privileges(seen: Seen) -> Finding:
    right = seen["uid"] != 0 and not seen["capabilities"] and seen["no_new_privileges"]
    text = f"uid {seen['uid']}, capabilities {seen['capabilities']:x}, no new privileges: {seen['no_new_privileges']}"
    return finding("privileges", right, text, "use an engine that honours the launch template")


QUESTIONS: tuple[Question, ...] = (environment, filtered, network, files, privileges)
