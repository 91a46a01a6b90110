"""Tokens and the person behind them, as JSON."""

from fastapi import APIRouter, Request

from server.accounts import service
from server.accounts.access import CurrentUser, place_of
from server.accounts.schemas import NewTokenOut, TokenOut, TokenRequest, UserOut
from server.database import Now, SessionDep

router = APIRouter(prefix="/api/v1", tags=["accounts"])


@router.post("/tokens", status_code=201)
def create_token(body: TokenRequest, request: Request, session: SessionDep, now: Now) -> NewTokenOut:
    """Exchange login and password for a personal token."""
    place = place_of(request, body.login)
    user = service.check_password(session, login=body.login, password=body.password, place=place, now=now)
    row, token = service.create_api_token(session, user=user, name=body.name)
    return NewTokenOut(token=token, **TokenOut.model_validate(row).model_dump())


@router.get("/tokens")
def list_tokens(user: CurrentUser, session: SessionDep) -> list[TokenOut]:
    return [TokenOut.model_validate(row) for row in service.list_api_tokens(session, user=user)]


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(token_id: int, user: CurrentUser, session: SessionDep, now: Now) -> None:
    service.revoke_api_token(session, user=user, token_id=token_id, now=now)


@router.get("/me")
def me(user: CurrentUser) -> UserOut:
    return UserOut.model_validate(user)
