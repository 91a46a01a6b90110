# EXPECT: graded 0 wrong_value
# ROW: E6, E9, E10, B1
"""Walks the known ways out of containers: descriptors, /proc of others, the interpreter itself, cgroups, kernel hooks."""

import contextlib
import glob
import os

UP = "/".join([".."] * 12)
for number in range(64):
    for goal in ("etc/shadow", "root", "var/lib/docker"):
        with contextlib.suppress(OSError):
            os.stat(f"/proc/self/fd/{number}/{UP}/{goal}/.")
            if goal != "root" or os.listdir(f"/proc/self/fd/{number}/{UP}/root"):
                print("FOUND", goal, "by descriptor", number)
for path in ("/proc/self/exe", "/proc/1/exe", f"/proc/{os.getppid()}/exe"):
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_WRONLY))
        print("FOUND a way to write", path)
hooks = ["core_pattern", "modprobe", "hotplug", "poweroff_cmd", "sysrq", "randomize_va_space", "hostname"]
for path in [f"/proc/sys/kernel/{name}" for name in hooks] + [
    "/proc/sys/vm/panic_on_oom",
    "/proc/sys/fs/binfmt_misc/register",
    "/proc/sysrq-trigger",
    "/proc/acpi/event",
    "/proc/kcore",
    "/proc/kallsyms-write",
    "/sys/kernel/uevent_helper",
    "/sys/fs/cgroup/release_agent",
    "/sys/kernel/security/apparmor/.replace",
    *glob.glob("/sys/fs/cgroup/**/release_agent", recursive=True),
    *glob.glob("/sys/fs/cgroup/**/cgroup.procs", recursive=True),
]:
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_WRONLY))
        print("FOUND a way to write", path)
for path in ("/proc/kcore", "/dev/mem", "/proc/1/root/etc", "/proc/1/cwd/etc", "/.dockerenv-secret", "/var/run/docker.sock"):
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_RDONLY))
        print("FOUND", path)
with open("/proc/self/mountinfo") as file:
    for line in file:
        place, options = line.split()[4:6]
        if "rw" in options.split(",") and not place.startswith(("/tmp", "/dev", "/proc", "/sys")):
            print("FOUND a writable mount", place)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
