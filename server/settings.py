"""Everything that can be configured, read once from `GRADUS_*` environment variables."""

import hashlib
import hmac
import os
import secrets
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal

from fastapi import Depends, Request
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from grader.sandbox.base import Isolation

REPOSITORY = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Defaults run a whole platform on one machine; a missing URL means an embedded engine."""

    model_config = SettingsConfigDict(env_prefix="GRADUS_", extra="ignore")

    database_url: str | None = None
    redis_url: str | None = None
    data: Path = Path(".gradus")
    assignments: Path = REPOSITORY / "assignments"
    blobs_url: str | None = None  # any fsspec URL; default: a folder under `data`
    secret: SecretStr | None = None  # default: generated once into `data`
    public_url: str | None = None  # "https://gradus.example.edu" when a proxy changes the host
    sandbox: str = "auto"
    devices: str = "auto"  # GPUs of this worker: what NVML lists, "0,1", UUIDs, or "" for none
    upload_bytes: int = Field(10 << 20, gt=0)  # one request body
    session_hours: int = Field(24 * 14, gt=0)
    board_fresh_s: float = Field(0.25, ge=0)  # how old what a leaderboard shows may be
    webhook_private: bool = False  # whether courses may have messages sent into this machine's own networks
    webhook_http: bool = False  # and without encryption
    smtp_host: str | None = None  # sends e-mail; with `smtp_from` as the sender
    smtp_port: int = Field(587, gt=0, lt=65536)
    smtp_from: str | None = None
    smtp_tls: bool = True  # at once on port 465, else by STARTTLS
    smtp_login: str | None = None
    smtp_password: SecretStr | None = None
    oidc_issuer: str | None = None  # "https://id.example.edu": signing in by OpenID Connect, beside passwords
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_scopes: str = "openid profile email"
    oidc_number_claim: str | None = None  # where the student number stands in what the provider says
    oidc_login_claim: str = "preferred_username"
    oidc_name_en: str = "university account"  # as in: sign in with your …
    oidc_name_zh: str = "统一身份认证"
    oidc_links_by: Annotated[list[Literal["number", "email"]], NoDecode] = []  # "number,email": how a stranger finds his account
    oidc_creates_accounts: bool = False  # for whom no account fits
    oidc_support: str | None = None  # whom to ask, as in: the IT desk, it@example.edu
    lti_private: bool = False  # whether learning platforms may lie in this machine's own networks
    web_processes: int = Field(default_factory=lambda: min(4, os.cpu_count() or 1), ge=1, le=64)  # that answer requests
    exam_workers: int = Field(0, ge=0, le=64)  # processes beside the others that `gradus up` keeps for exams alone
    lease_s: float = Field(15.0, gt=0)
    resend_after_s: float = Field(10.0, gt=0)
    sweep_s: float = Field(3.0, gt=0)
    pulse_s: float = Field(5.0, gt=0)  # how often the web shows that it is alive, and exams whose time is over are closed
    warm_isolations: Annotated[list[Isolation] | None, NoDecode] = None  # "fork,fresh"; default: what the assignments ask for

    @field_validator("warm_isolations", mode="before")
    @classmethod
    def split_at_commas(cls, value: object) -> object:
        return ([each.strip() for each in value.split(",") if each.strip()] or None) if isinstance(value, str) else value

    @field_validator("oidc_links_by", mode="before")
    @classmethod
    def split_ways(cls, value: object) -> object:
        return [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value

    @field_validator("data", "assignments")
    @classmethod
    def make_absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @cached_property
    def secret_key(self) -> bytes:
        """The one key from which others are derived. There is no default value."""
        if self.secret is not None:
            return self.secret.get_secret_value().encode()
        return load_or_create_secret(self.data / "secret")

    def derive_key(self, purpose: str) -> bytes:
        """A key for one purpose; whoever learns it learns nothing about the others."""
        return hmac.new(self.secret_key, purpose.encode(), hashlib.sha256).digest()

    @property
    def blob_store(self) -> str:
        return self.blobs_url or str(self.data / "blobs")


def load_or_create_secret(path: Path) -> bytes:
    """Read the key, or write a new one that only its owner can read; two starters agree on one."""
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        publish_once(draft, path)
    return path.read_bytes()


def publish_once(draft: Path, path: Path) -> None:
    """Give the draft its name unless somebody was faster; a link is atomic and never overwrites."""
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process wrote the key a moment ago: theirs is used
    finally:
        draft.unlink()


@lru_cache
def get_settings() -> Settings:
    return Settings()


async def read_settings(request: Request) -> Settings:
    return request.app.state.settings


SettingsDep = Annotated[Settings, Depends(read_settings)]
