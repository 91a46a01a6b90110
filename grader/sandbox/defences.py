"""The walls by name. They are all up, always; only the tests take one down, to see that the attack it stops then succeeds."""

from enum import StrEnum


class Defence(StrEnum):
    network = "network"  # a network namespace without any interface, and only Unix sockets
    filesystem = "filesystem"  # an allow-list of what is mounted
    pid_namespace = "pid_namespace"  # each submission sees and signals only its own processes
    private_tmp = "private_tmp"  # each submission has its own empty /tmp and /dev/shm
    ipc = "ipc"  # each submission has its own System V and POSIX message queues
    memory = "memory"
    processes = "processes"
    processors = "processors"  # those of its slot, after all else on the machine, and one session for all its processes
    files = "files"  # how many may be open, how large one may be
    folders = "folders"  # how much the two folders hold, in bytes and in names
    capabilities = "capabilities"
    privileges = "privileges"  # no program that is started makes its user somebody else
    users = "users"  # in a container, a user number that no other submission has, in no other container either
    keyring = "keyring"  # each submission has its own empty session keyring
    cores = "cores"  # nothing is written about a crash, and no program of the host is told of it
    output = "output"
    replies = "replies"  # their size, and that each has the form of an answer to its request
    time = "time"
    environment = "environment"  # an allow-list of variables
    seccomp = "seccomp"
    leftovers = "leftovers"  # a sandbox in which anything is left is thrown away


ALL = frozenset(Defence)
