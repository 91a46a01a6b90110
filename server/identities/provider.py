"""The institution's OpenID provider: where it sends people, and who it says that somebody is."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from authlib.common.errors import AuthlibBaseError
from fastapi import Depends, Request

from grader.protocol import Text
from server.errors import NotFound
from server.identities import rules
from server.identities.departures import Ticket
from server.identities.oauth import Kept, client_of, get_object
from server.identities.rules import BadToken, Claims, SignInFailed
from server.identities.tokens import Keyring, read_token
from server.settings import Settings
from server.wire import NotReached, Reach, is_usable

log = logging.getLogger(__name__)

METADATA_FRESH_S = 3600.0
AT_ONCE, TURN_S = 4, 2.0  # requests of this process that wait for the provider: when it is slow, other pages must not wait too
REACH = Reach(private=True, loopback=True)  # the operator has named it
NEEDED = "authorization_endpoint", "token_endpoint", "jwks_uri"


class Provider:
    """`settings.oidc_…` says which one."""

    def __init__(self, settings: Settings) -> None:
        assert settings.oidc_issuer and settings.oidc_client_id
        self.settings, self.issuer, self.client_id = settings, settings.oidc_issuer, settings.oidc_client_id
        self.metadata = Kept(self.read_metadata, fresh_s=METADATA_FRESH_S, clock=time.monotonic)
        self.keyrings: dict[str, Keyring] = {}
        self.turns = threading.BoundedSemaphore(AT_ONCE)

    def read_metadata(self) -> dict[str, Any]:
        """What it publishes of itself. Raises NotReached, also for a document that is not this issuer's."""
        found = get_object(self.issuer.rstrip("/") + "/.well-known/openid-configuration", reach=REACH)
        if found.get("issuer") != self.issuer:
            said = str(found.get("issuer"))[:200]
            raise NotReached(f"It calls itself {said}, not {self.issuer}.", f"它自称 {said}，而不是 {self.issuer}。")
        for name in NEEDED:
            if not isinstance(found.get(name), str) or not is_usable(found[name], REACH):
                raise NotReached(f"It names no usable {name}.", f"它没有给出可用的 {name}。")
        return found

    def way_there(self, ticket: Ticket, *, back: str) -> str:
        """The address to which the browser goes. Raises SignInFailed."""
        with self.turn():
            metadata = self.metadata.get()
        client = client_of(
            REACH, client_id=self.client_id, scope=self.settings.oidc_scopes, redirect_uri=back, code_challenge_method="S256"
        )
        address, _ = client.create_authorization_url(
            metadata["authorization_endpoint"],
            state=ticket.state,
            nonce=ticket.nonce,
            code_verifier=ticket.verifier,
            response_type="code",
        )
        return address

    def who_is(self, *, code: str, answered_by: str | None, ticket: Ticket, back: str, now: datetime) -> Claims:
        """Whom the provider vouches for. Raises SignInFailed, BadToken. answered_by: RFC 9207."""
        if answered_by is not None and answered_by != self.issuer:
            raise BadToken("another issuer")
        with self.turn():
            metadata = self.metadata.get()
            if answered_by is None and metadata.get("authorization_response_iss_parameter_supported") is True:
                raise BadToken("another issuer")
            tokens = self.exchange(metadata, code=code, verifier=ticket.verifier, back=back)
            offered = metadata.get("id_token_signing_alg_values_supported")
            algorithms = rules.ASYMMETRIC & set(offered if isinstance(offered, list) else ["RS256"])
            said = read_token(tokens.get("id_token"), keys=self.keys(metadata["jwks_uri"]), algorithms=algorithms)
            rules.check_claims(said, issuer=self.issuer, audience=self.client_id, nonce=ticket.nonce, now=now)
            said = self.with_details(said, metadata, tokens)
        return rules.read_claims(said, number_claim=self.settings.oidc_number_claim, login_claim=self.settings.oidc_login_claim)

    def exchange(self, metadata: Mapping[str, Any], *, code: str, verifier: str, back: str) -> Mapping[str, Any]:
        secret = self.settings.oidc_client_secret
        client = client_of(
            REACH,
            client_id=self.client_id,
            client_secret=secret.get_secret_value() if secret else None,
            token_endpoint_auth_method=way_to_sign(metadata) if secret else "none",
            redirect_uri=back,
        )
        return client.fetch_token(metadata["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=verifier)

    def keys(self, url: str) -> Keyring:
        return self.keyrings.setdefault(url, Keyring(url, reach=REACH))

    def with_details(self, said: Mapping[str, Any], metadata: Mapping[str, Any], tokens: Mapping[str, Any]) -> Mapping[str, Any]:
        """Some providers tell a name or a number only when asked for it; then it has to be of the same person."""
        wanted = {self.settings.oidc_number_claim, self.settings.oidc_login_claim, "email"} - {None}
        url, token = metadata.get("userinfo_endpoint"), tokens.get("access_token")
        if wanted <= set(said) or not isinstance(url, str) or not isinstance(token, str) or not token.isascii():
            return said
        details = get_object(url, reach=REACH, headers={"authorization": f"Bearer {token}"})
        if details.get("sub") != said["sub"]:
            raise BadToken("details of another person")
        return {**details, **said}

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Raises SignInFailed, with what went wrong between us and the provider in words."""
        if not self.turns.acquire(timeout=TURN_S):
            raise SignInFailed(
                "The sign-in service answers slowly, and many are waiting for it. Try again in a minute.",
                "统一登录服务响应缓慢，排队的人较多，请一分钟后再试。",
            )
        try:
            yield
        except NotReached as error:
            log.warning("The OpenID provider %s: %s", self.issuer, error)
            why = error.said
            raise SignInFailed(
                f"The sign-in service does not work at the moment: {why.en} Try again later, or use your password here.",
                f"统一登录服务暂时不可用：{why.zh}请稍后再试，或使用本站密码登录。",
            ) from error
        except AuthlibBaseError as error:
            log.warning("The OpenID provider %s refused a code: %s", self.issuer, error.error)
            raise SignInFailed(*words_for(str(error.error))) from error
        finally:
            self.turns.release()


def way_to_sign(metadata: Mapping[str, Any]) -> str:
    """How our secret travels: as the provider wants it."""
    offered = metadata.get("token_endpoint_auth_methods_supported")
    only_in_body = isinstance(offered, list) and "client_secret_basic" not in offered and "client_secret_post" in offered
    return "client_secret_post" if only_in_body else "client_secret_basic"


def words_for(error: str) -> tuple[str, str]:
    """What an error of the provider means for a person. Its own description is not repeated: anybody can put it into a link."""
    if error in ("access_denied", "consent_required", "interaction_required", "login_required"):
        return (
            "You have not signed in there, or have not agreed. Begin again if you want to.",
            "你在对方系统中没有完成登录或未同意授权。如需继续，请重新开始。",
        )
    if error in ("temporarily_unavailable", "server_error"):
        return "The sign-in service is overloaded. Try again in a minute.", "统一登录服务繁忙，请一分钟后再试。"
    if error == "invalid_grant":
        return "That sign-in has been used up or has taken too long. Begin again.", "本次登录已被使用或已超时，请重新开始。"
    known = error if error.isascii() and error.replace("_", "").isalnum() and len(error) <= 40 else "unknown error"
    return (
        f"The sign-in service refuses us ({known}). Tell the operator of this platform; until then use your password here.",
        f"统一登录服务拒绝了本站的请求（{known}）。请告知平台管理员，在此期间可使用本站密码登录。",
    )


def open_provider(settings: Settings) -> Provider | None:
    return Provider(settings) if settings.oidc_issuer and settings.oidc_client_id else None


async def read_provider(request: Request) -> Provider:
    """404 where none is configured."""
    if request.app.state.provider is None:
        raise NotFound
    return request.app.state.provider


ProviderDep = Annotated[Provider, Depends(read_provider)]


def name_of(settings: Settings) -> Text:
    return Text(en=settings.oidc_name_en, zh=settings.oidc_name_zh)
