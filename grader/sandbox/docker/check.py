"""Whether the Docker sandbox holds on this machine: asked of the engine, and seen from inside a container of ours."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import docker

from grader.preflight import Finding, Level
from grader.sandbox import owner
from grader.sandbox.base import GraderFailure, Isolation
from grader.sandbox.docker import probe
from grader.sandbox.docker.build import VERSIONS, Variant, inspect, is_current, tag
from grader.sandbox.docker.engine import LocalEngine, calling, collect
from grader.sandbox.docker.template import CORE_BYTES, Order
from grader.sandbox.options import Options

PROBE_S = 60.0
BUILD = "gradus sandbox build"
TOOLKIT = "NVIDIA toolkit"
DRIVER = Path("/proc/driver/nvidia/version")


@dataclass(frozen=True)
class Minimum:
    """Below `safe` a known way out exists. Below `better` one is known that our template gives no access to."""

    safe: str
    better: tuple[str, ...]  # the first good release of each series; the last one's later series are good as well
    why: str
    patched: tuple[str, ...] = ()  # builds of distributions with the fix but an older number


MINIMA = {
    "Engine": Minimum(
        "20.10.24",
        ("25.0.5", "26.0.0"),
        "CVE-2024-24557 takes an image built for an attacker, CVE-2024-29018 an internal network",
    ),
    "containerd": Minimum("1.6.20", ("1.6.38", "1.7.27", "2.0.4"), "CVE-2024-40635 takes an image of the attacker's"),
    "runc": Minimum(
        "1.1.12",
        ("1.2.8", "1.3.3"),
        "CVE-2025-31133, -52565 and -52881 take mounts, an image or a terminal of the attacker's",
        patched=("1.1.5+ds1-1+deb12u1",),  # CVE-2024-21626
    ),
    TOOLKIT: Minimum(
        "1.16.2",
        ("1.17.8",),
        "CVE-2025-23266 and -23267 take an image of the attacker's, as CVE-2025-23359 and CVE-2024-0132 before",
    ),
}


def check(options: Options) -> Iterator[Finding]:
    """Every finding, one after the other, until one makes the next impossible."""
    engine = LocalEngine(options)
    try:
        api = engine.api()
    except (GraderFailure, docker.errors.DockerException) as error:
        yield Finding("engine", Level.unsafe, str(error), "start Docker, and let this account use its socket (group docker)")
        return
    yield from versions(api)
    yield from machine(api)
    found = images(api, options)
    yield from found
    if found[0].level is Level.unsafe:
        return
    try:
        seen, ready_s = look_inside(engine)
    except GraderFailure as failure:
        yield Finding("container", Level.unsafe, str(failure), "see the engine's own log; then try again")
        return
    yield Finding("container", Level.ok, f"started, became a student and imported torch in {ready_s:.1f} s")
    yield from (question(seen, options) for question in QUESTIONS)


def versions(api: docker.APIClient) -> Iterator[Finding]:
    """Of the engine and what it runs containers with."""
    with calling("tell its version"):
        components = {part["Name"]: part for part in api.version().get("Components") or []}
    for name in ("Engine", "containerd", "runc"):
        part = components.get(name, {})
        build = (part.get("Details") or {}).get("GitCommit") or ""
        yield judge_version(name, part.get("Version", ""), build, MINIMA[name])
    yield from nvidia()


def judge_version(name: str, number: str, build: str, minimum: Minimum) -> Finding:
    """A distribution's build counts by its own number where we know it to be patched."""
    seen, version = f"{number} ({build})" if build else number or "unknown", ordered(number)
    if not version:
        return Finding(name, Level.warn, seen, f"see that it is {minimum.better[-1]} or newer")
    if is_good(version, [ordered(first) for first in minimum.better]):
        return Finding(name, Level.ok, seen)
    safe = version >= ordered(minimum.safe) or any(is_build_since(build, patched) for patched in minimum.patched)
    fix = f"update to {' or '.join(minimum.better)}, or newer: {minimum.why}"
    return Finding(name, Level.warn if safe else Level.unsafe, seen, fix)


def ordered(number: str) -> tuple[int, ...]:
    """`1.1.5+ds1` → (1, 1, 5); empty where it is no number."""
    found = re.match(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?", number)
    return tuple(int(part or 0) for part in found.groups()) if found else ()


def is_good(version: tuple[int, ...], firsts: list[tuple[int, ...]]) -> bool:
    """Whether it is the first good release of its series or a later one."""
    return version >= firsts[-1] or any(version[:2] == first[:2] and version >= first for first in firsts)


def is_build_since(build: str, patched: str) -> bool:
    """Whether two builds of one upstream version differ at most in a later last number: …+deb12u3 is since …+deb12u1."""
    series, first = re.fullmatch(r"(.*?)(\d+)", patched).groups()
    later = re.fullmatch(rf"{re.escape(series)}(\d+)", build)
    return later is not None and int(later[1]) >= int(first)


def machine(api: docker.APIClient) -> Iterator[Finding]:
    """What the engine says of the kernel below it."""
    with calling("describe itself"):
        info = api.info()
    number = str(info.get("CgroupVersion", "1"))
    fix = "" if number == "2" else "boot with version 2: systemd.unified_cgroup_hierarchy=1"
    yield Finding("cgroups", Level.warn if fix else Level.ok, f"version {number}", fix)
    lacking = [name for name in ("MemoryLimit", "SwapLimit", "PidsLimit", "CpuCfsQuota") if not info.get(name)]
    seen = f"without {', '.join(lacking)}" if lacking else "memory, swap, processes and processors are counted"
    yield verdict("limits", not lacking, seen, "boot with cgroup_enable=memory swapaccount=1")
    filters = [text for text in info.get("SecurityOptions") or [] if text.startswith("name=seccomp")]
    yield users(info.get("SecurityOptions") or [])
    yield verdict("filter", bool(filters), " ".join(filters) or "none", "use a kernel and an engine with seccomp")


def users(options: list[str]) -> Finding:
    """Root in a container should be nobody outside, should a student ever become it."""
    names = {text.split(",")[0] for text in options} & {"name=userns", "name=rootless"}
    seen = " ".join(sorted(names)) or "root in a container is root of this machine"
    fix = "" if names else 'run a rootless engine, or set "userns-remap": "default" in daemon.json, and give it no other duty'
    return Finding("users", Level.ok if names else Level.warn, seen, fix)


def nvidia(read_version: Callable[[], str] | None = None) -> Iterator[Finding]:
    """Of NVIDIA's container toolkit, where there is a GPU. It does not tell the engine its version, so its program is asked."""
    if DRIVER.exists():
        number = (read_version or toolkit_version)()
        yield judge_version(TOOLKIT, number, "", MINIMA[TOOLKIT])


def toolkit_version() -> str:
    """Empty where it cannot be read, as inside the runner's container."""
    try:
        said = subprocess.run(["nvidia-ctk", "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"version (\S+)", said)
    return found[1] if found else ""


def wanted_images(api: docker.APIClient, options: Options) -> list[tuple[Variant, str]]:
    """The image for processors always, the one for GPUs only where somebody built it."""
    names = [(variant, tag(variant, options)) for variant in Variant]
    return [(variant, name) for variant, name in names if variant is Variant.cpu or inspect(api, name)]


def images(api: docker.APIClient, options: Options) -> list[Finding]:
    """The one that grades first, then the one for GPUs where it is there."""
    return [image_finding(api, variant, name) for variant, name in wanted_images(api, options)]


def image_finding(api: docker.APIClient, variant: Variant, name: str) -> Finding:
    """Whether it is there, and made of what this platform is made of."""
    fix = f"{BUILD} --variant {variant}"
    if not (found := inspect(api, name)):
        return Finding("image", Level.unsafe, f"{name} is not there", fix)
    torch = (found["Config"].get("Labels") or {}).get(VERSIONS, "").split(" ")[0]
    seen = f"{name} {found['Id'][7:19]}, {found['Size'] / 1e6:.0f} MB, {torch}"
    if not is_current(api, variant, name):
        return Finding("image", Level.unsafe, f"{seen}: not what this version of Gradus would build", fix)
    return Finding("image", Level.ok, seen)


def look_inside(engine: LocalEngine) -> tuple[dict[str, Any], float]:
    """What a student's process would see, and the seconds until it could."""
    started = time.monotonic()
    order = Order(Isolation.fresh, owner.this_process(), int(time.time() + PROBE_S))
    line = engine.start_instead(order, ["-c", Path(probe.__file__).read_text(encoding="utf-8")])
    try:
        said = collect(line.socket, seconds=PROBE_S)
    finally:
        line.close()
    try:
        return json.loads(said.out), time.monotonic() - started
    except ValueError as error:
        raise GraderFailure(f"the probe did not come to its end: {said.error[-500:] or said.out[-500:]}") from error


Question = Callable[[dict[str, Any], Options], Finding]


def verdict(name: str, right: bool, seen: str, fix: str) -> Finding:
    return Finding(name, Level.ok if right else Level.unsafe, seen, "" if right else fix)


ENGINE_FAULT = "the engine or its runtime does not honour the launch template; use one that does"


def user(seen: dict[str, Any], options: Options) -> Finding:
    right = seen["became"] is None and set(seen["uids"]) == {str(probe.UID)}
    return verdict("user", right, f"uids {' '.join(seen['uids'])} {seen['became'] or ''}".strip(), ENGINE_FAULT)


def privileges(seen: dict[str, Any], options: Options) -> Finding:
    held = [name for name, bits in seen["capabilities"].items() if bits]
    right = not held and seen["no_new_privileges"] and not seen["setuid_files"]
    text = "no capability, no new privileges, no setuid file" if right else f"{held}, setuid: {seen['setuid_files'][:3]}"
    return verdict("privileges", right, text, ENGINE_FAULT)


def filtered(seen: dict[str, Any], options: Options) -> Finding:
    right = seen["seccomp"] == 2 and seen["denied_call"] is not None
    return verdict("seccomp", right, f"mode {seen['seccomp']}, keyctl: {seen['denied_call'] or 'allowed'}", ENGINE_FAULT)


def root(seen: dict[str, Any], options: Options) -> Finding:
    return verdict("root", not seen["writable"], f"writable: {', '.join(seen['writable']) or 'nothing'}", ENGINE_FAULT)


def network(seen: dict[str, Any], options: Options) -> Finding:
    right = set(seen["interfaces"]) <= {"lo"} and not seen["routes"] and seen["connected"] is not None
    text = f"{' '.join(seen['interfaces'])}, {seen['routes']} routes; a socket: {seen['connected'] or 'connected'}"
    return verdict("network", right, text, ENGINE_FAULT)


def memory(seen: dict[str, Any], options: Options) -> Finding:
    swap = seen["swap_bytes"] in (0, options.memory_bytes)  # version 2 counts swap alone, version 1 both together
    text = f"{seen['memory_bytes']} bytes, with swap {seen['swap_bytes']}"
    return verdict("memory", seen["memory_bytes"] == options.memory_bytes and swap, text, ENGINE_FAULT)


def counts(seen: dict[str, Any], options: Options) -> Finding:
    right = (seen["processes"], seen["cpus"]) == (options.processes, options.cpus)
    return verdict("counts", right, f"{seen['processes']} processes, {seen['cpus']} processors", ENGINE_FAULT)


def folders(seen: dict[str, Any], options: Options) -> Finding:
    wanted = {"/tmp": options.tmp_bytes, "/dev/shm": options.shm_bytes}
    right = all(
        seen["folders"][folder] == {"bytes": size, "inodes": options.tmp_inodes, "missing": []} for folder, size in wanted.items()
    )
    return verdict("folders", right and seen["core_bytes"] == CORE_BYTES, json.dumps(seen["folders"]), ENGINE_FAULT)


def nothing_else(seen: dict[str, Any], options: Options) -> Finding:
    wrong = [*seen["tools"], *seen["secrets"], *(f"terminal {number}" for number in seen["terminals"])]
    return verdict(
        "nothing else", not wrong, ", ".join(wrong) or "no tools, no secrets, no terminal", f"rebuild the image: {BUILD}"
    )


def torch(seen: dict[str, Any], options: Options) -> Finding:
    outside = version("torch")
    text = f"{seen['torch']} inside, {outside} outside; Python {seen['python']}"
    return verdict("torch", seen["torch"] == outside, text, BUILD)


QUESTIONS: tuple[Question, ...] = (
    user, privileges, filtered, root, network, memory, counts, folders, nothing_else, torch,
)  # fmt: skip
