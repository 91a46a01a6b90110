"""Every wall of the launch template, and that no launch gets out that lacks one."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from docker.types import Ulimit

from grader.sandbox.base import GraderFailure, Isolation
from grader.sandbox.docker.template import Order, Spec, launch, refuse
from grader.sandbox.options import Options

ORDER = Order(isolation=Isolation.fork, owner="boot:1:2", deadline=1_800_000_000)
GPU = "GPU-3c3a2d1e-0000-0000-0000-000000000000"
SIZES = Options(memory_bytes=1 << 30, cpus=1.5, processes=100, tmp_bytes=8 << 20, tmp_inodes=50, shm_bytes=16 << 20, runtime=None)


@pytest.fixture
def spec() -> Spec:
    return launch(ORDER, SIZES)


@pytest.fixture
def host(spec: Spec) -> Spec:
    return spec["host_config"]


def test_a_container_has_no_network_and_cannot_write_to_its_root(host: Spec) -> None:
    assert host["network_mode"] == "none"
    assert host["read_only"] is True


def test_it_has_two_capabilities_and_gains_no_others(host: Spec) -> None:
    assert host["cap_drop"] == ["ALL"]
    assert host["cap_add"] == ["SETUID", "SETGID"]
    assert "no-new-privileges:true" in host["security_opt"]


def test_the_kernel_refuses_what_our_profile_does_not_name(host: Spec) -> None:
    [profile] = [json.loads(text.removeprefix("seccomp=")) for text in host["security_opt"] if text.startswith("seccomp=")]
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    allowed = {name for rule in profile["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}
    assert "read" in allowed
    assert not allowed & {"io_uring_setup", "keyctl", "ptrace", "process_vm_readv", "bpf", "perf_event_open", "mount"}


def test_an_engine_with_apparmor_confines_it(host: Spec) -> None:
    assert "apparmor=docker-default" in host["security_opt"]


def test_memory_has_a_limit_that_swap_does_not_raise(host: Spec) -> None:
    assert host["mem_limit"] == host["memswap_limit"] == 1 << 30


def test_processors_and_processes_are_counted(host: Spec) -> None:
    assert host["nano_cpus"] == 1_500_000_000
    assert host["pids_limit"] == 100


def test_the_two_writable_folders_are_small_in_bytes_and_in_files_and_run_nothing(host: Spec) -> None:
    plain = "nosuid,nodev,noexec,mode=1777"
    assert host["tmpfs"] == {
        "/tmp": f"size={8 << 20},nr_inodes=50,{plain}",
        "/dev/shm": f"size={16 << 20},nr_inodes=50,{plain}",
    }


def test_no_core_is_dumped_and_no_file_grows_beyond_the_folders(host: Spec) -> None:
    limits = {limit.name: (limit.soft, limit.hard) for limit in host["ulimits"]}
    assert limits == {"core": (1, 1), "nofile": (1024, 1024), "fsize": (16 << 20, 16 << 20)}


def test_it_shares_no_namespace(host: Spec) -> None:
    assert (host["ipc_mode"], host["cgroupns"]) == ("private", "private")
    assert not {"pid_mode", "uts_mode", "userns_mode"} & set(host)


def test_nothing_is_written_down_and_nothing_stays(host: Spec) -> None:
    assert host["log_config"].type == "none"
    assert host["auto_remove"] is True


def test_the_kernel_takes_a_sandbox_before_a_worker(host: Spec) -> None:
    assert host["oom_score_adj"] == 500


def test_it_has_no_terminal_and_its_input_ends_with_the_connection(spec: Spec) -> None:
    from docker.types import ContainerConfig

    other = {"host_config", "use_config_proxy"}
    config = ContainerConfig("1.41", command=None, **{name: value for name, value in spec.items() if name not in other})
    assert (config["Tty"], config["OpenStdin"], config["StdinOnce"]) == (False, True, True)


def test_it_is_labelled_with_its_owner_and_its_deadline(spec: Spec) -> None:
    assert spec["labels"] == {"gradus.sandbox": "1", "gradus.owner": "boot:1:2", "gradus.deadline": "1800000000"}


def test_nothing_of_this_machine_is_named_but_the_image(spec: Spec) -> None:
    assert spec["image"] == "gradus-sandbox:cpu"
    assert spec["hostname"] == "sandbox"
    assert "environment" not in spec
    assert spec["use_config_proxy"] is False


def test_another_runtime_is_asked_for_only_where_it_is_set() -> None:
    assert "runtime" not in launch(ORDER, SIZES)["host_config"]
    assert launch(ORDER, SIZES.model_copy(update={"runtime": "runsc"}))["host_config"]["runtime"] == "runsc"


def test_one_device_comes_through_the_driver_with_the_image_for_it() -> None:
    spec = launch(Order(Isolation.fork, "boot:1:2", 1, device=GPU), SIZES)
    [request] = spec["host_config"]["device_requests"]
    assert (request["Driver"], request["DeviceIDs"]) == ("nvidia", [GPU])
    assert spec["image"] == "gradus-sandbox:cuda"
    assert request["Capabilities"] == [["gpu", "compute", "utility"]]
    refuse(spec, SIZES)


def test_a_device_that_the_engine_knows_by_name_comes_by_name() -> None:
    name = f"nvidia.com/gpu={GPU}"
    spec = launch(Order(Isolation.fork, "boot:1:2", 1, device=GPU), SIZES, frozenset({name}))
    [request] = spec["host_config"]["device_requests"]
    assert (request["Driver"], request["DeviceIDs"]) == ("cdi", [name])
    refuse(spec, SIZES)


def test_what_the_template_writes_is_not_refused(spec: Spec) -> None:
    refuse(spec, SIZES)


HOLES: dict[str, Callable[[Spec, Spec], Any]] = {
    "privileged": lambda spec, host: host.update(privileged=True),
    "another capability": lambda spec, host: host["cap_add"].append("SYS_ADMIN"),
    "capabilities kept": lambda spec, host: host.update(cap_drop=[]),
    "a bind": lambda spec, host: host.update(binds=["/var/run/docker.sock:/s"]),
    "a mount": lambda spec, host: host.update(mounts=[{"Source": "/", "Target": "/host", "Type": "bind"}]),
    "a volume": lambda spec, host: spec.update(volumes=["/data"]),
    "volumes of another": lambda spec, host: host.update(volumes_from=["worker"]),
    "the machine's network": lambda spec, host: host.update(network_mode="host"),
    "a bridge": lambda spec, host: host.update(network_mode="bridge"),
    "the machine's processes": lambda spec, host: host.update(pid_mode="host"),
    "the machine's ipc": lambda spec, host: host.update(ipc_mode="host"),
    "shareable ipc": lambda spec, host: host.update(ipc_mode="shareable"),
    "the machine's cgroups": lambda spec, host: host.update(cgroupns="host"),
    "the machine's users": lambda spec, host: host.update(userns_mode="host"),
    "the machine's name": lambda spec, host: host.update(uts_mode="host"),
    "a device": lambda spec, host: host.update(devices=["/dev/sda"]),
    "device rules": lambda spec, host: host.update(device_cgroup_rules=["a *:* rwm"]),
    "two devices": lambda spec, host: host.update(device_requests=[{"DeviceIDs": [GPU, GPU]}]),
    "all devices": lambda spec, host: host.update(device_requests=[{"Count": -1}]),
    "no filter": lambda spec, host: host.update(security_opt=["no-new-privileges:true", "seccomp=unconfined"]),
    "no profile": lambda spec, host: host["security_opt"].append("apparmor=unconfined"),
    "new privileges": lambda spec, host: host["security_opt"].pop(0),
    "a writable root": lambda spec, host: host.update(read_only=False),
    "swap": lambda spec, host: host.update(memswap_limit=-1),
    "any memory": lambda spec, host: host.update(mem_limit=0, memswap_limit=0),
    "any number of processes": lambda spec, host: host.update(pids_limit=-1),
    "no limit of processes": lambda spec, host: host.pop("pids_limit"),
    "programs in a folder": lambda spec, host: host["tmpfs"].update({"/tmp": "size=1,nr_inodes=1,nosuid,nodev,exec,mode=1777"}),
    "a folder of any size": lambda spec, host: host["tmpfs"].update({"/tmp": "nosuid,nodev,noexec,mode=1777"}),
    "one more folder": lambda spec, host: host["tmpfs"].update({"/etc": host["tmpfs"]["/tmp"]}),
    "core dumps": lambda spec, host: host["ulimits"].pop(0),
    "no oom killer": lambda spec, host: host.update(oom_kill_disable=True),
    "settings of the kernel": lambda spec, host: host.update(sysctls={"kernel.shm_rmid_forced": "0"}),
    "a log": lambda spec, host: host.pop("log_config"),
    "no end": lambda spec, host: host.update(auto_remove=False),
    "another image": lambda spec, host: spec.update(image="gradus:latest"),
    "another runtime": lambda spec, host: host.update(runtime="runc"),
    "a little more memory": lambda spec, host: host.update(mem_limit=(1 << 30) + 1, memswap_limit=(1 << 30) + 1),
    "one more limit": lambda spec, host: host["ulimits"].append(Ulimit(name="nproc", soft=1, hard=1)),
    "a terminal": lambda spec, host: spec.update(tty=True),
    "detached": lambda spec, host: spec.update(detach=True),
    "another program": lambda spec, host: spec.update(command=["sh"]),
    "an entry of its own": lambda spec, host: spec.update(entrypoint=["sh"]),
    "a variable": lambda spec, host: spec.update(environment={"LD_PRELOAD": "x.so"}),
    "the operator's proxies": lambda spec, host: spec.pop("use_config_proxy"),
    "a folder to start in": lambda spec, host: spec.update(working_dir="/proc/self/fd/8"),
    "no labels": lambda spec, host: spec.update(labels={}),
}


@pytest.mark.parametrize("hole", HOLES)
def test_a_launch_with_a_hole_is_never_sent(spec: Spec, hole: str) -> None:
    holed = copy.deepcopy(spec)
    HOLES[hole](holed, holed["host_config"])
    with pytest.raises(GraderFailure, match="other walls"):
        refuse(holed, SIZES)
