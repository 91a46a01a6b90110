"""How sandboxes are built on this machine, read once from `GRADUS_SANDBOX_*` environment variables."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Options(BaseSettings):
    """The size of one slot and where its container comes from. An assignment's limits have to fit into the slot."""

    model_config = SettingsConfigDict(env_prefix="GRADUS_SANDBOX_", extra="ignore", frozen=True)

    pool: int = Field(2, ge=1)  # sandboxes kept ready: of the single-use kind, and up to two of the other
    lifetime_s: float = Field(3600.0, gt=0)  # a sandbox that serves many submissions (isolation fork) is replaced after this
    image: str = "gradus-sandbox:cpu"
    cuda_image: str = "gradus-sandbox:cuda"
    runtime: str | None = None  # "runsc": gVisor, where the engine has it
    engine: Path | None = None  # the socket of `gradus sandbox serve`; without it, the engine that DOCKER_HOST names
    devices: str = ""  # the GPUs that `gradus sandbox serve` hands in: UUIDs with commas between them
    slots: int = Field(8, gt=0)  # containers that `gradus sandbox serve` hands out at a time
    memory_bytes: int = Field(4 << 30, gt=0)
    cpus: float = Field(1.0, gt=0)
    processes: int = Field(256, gt=0)
    tmp_bytes: int = Field(64 << 20, gt=0)
    tmp_inodes: int = Field(4096, gt=0)
    shm_bytes: int = Field(64 << 20, gt=0)
