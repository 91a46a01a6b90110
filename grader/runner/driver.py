"""Where NVIDIA's driver is found, for both sides of the wall; without torch, which the outer side does not always have."""

NODES = "/dev/nvidia"  # how the names of all of them begin
CONTROL = "/dev/nvidiactl"  # is there only in a sandbox with a GPU
LIBRARY = "libcuda.so"
FOLDERS = ("/usr/local/nvidia/lib64", "/usr/lib/wsl/lib")  # where it lies if not among the system's libraries
