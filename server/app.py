"""Puts the web app together; read this first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import redis
from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import BaseRoute

import server.accounts.api
import server.announcements.api
import server.assignments.api
import server.attendance.api
import server.cases.api
import server.channels.api
import server.courses.api
import server.courses.roster_api
import server.deadlines.api
import server.exam_results.api
import server.exams.api
import server.exams.staff_api
import server.gradebook.api
import server.grading.api
import server.identities.api
import server.leaderboard.api
import server.lti.api
import server.marking.api
import server.messages.api
import server.models
import server.participation.api
import server.questions.api
import server.regrades.api
import server.rehearsals.api
import server.reruns.api
import server.returns.api
import server.similarity.api
import server.spotchecks.api
import server.submissions.api
import server.teams.api
from server import database, errors, health
from server.accounts.access import refuse_forgery
from server.broker import configure
from server.exams.heart import Heart
from server.grading.dispatch import hand_over
from server.identities.provider import open_provider
from server.leaderboard.boards import Boards
from server.outbox import Relay
from server.protection import BodyLimit, Headers
from server.settings import Settings, get_settings
from server.web import site

API = (
    server.exams.api,  # first, as routes are looked through one by one and a class in an exam asks every few seconds
    server.exams.staff_api,
    server.exam_results.api,
    server.accounts.api,
    server.identities.api,
    server.courses.api,
    server.channels.api,
    server.messages.api,
    server.announcements.api,
    server.courses.roster_api,
    server.assignments.api,
    server.teams.api,
    server.deadlines.api,
    server.submissions.api,
    server.questions.api,
    server.grading.api,
    server.returns.api,
    server.leaderboard.api,
    server.marking.api,
    server.attendance.api,
    server.participation.api,
    server.similarity.api,
    server.cases.api,
    server.spotchecks.api,
    server.gradebook.api,
    server.rehearsals.api,
    server.lti.api,
    server.regrades.api,
    server.reruns.api,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The web app on engines that already run; `gradus up` starts them where no URL is configured."""
    settings = settings or get_settings()
    app = FastAPI(
        title="Gradus 梯度",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=run_relay,
        routes=routes(),
    )
    connect(app, settings)
    errors.install(app)
    site.install(app)
    app.add_middleware(BodyLimit, max_bytes=settings.upload_bytes)
    app.add_middleware(Headers)
    return app


@cache
def routes() -> list[BaseRoute]:
    """Everything that is answered, once for all apps of a process: what FastAPI makes of it takes seconds."""
    everything = APIRouter(dependencies=[Depends(refuse_forgery)])
    for door in API:
        everything.include_router(door.router)
    everything.include_router(server.exam_results.api.open_router)
    everything.include_router(health.router)
    site.include_pages(everything)
    return everything.routes


def prepare_routes() -> None:
    """Now, and not during the first request: an address that nobody answers has each of them looked at."""
    for route in routes():
        route.matches({"type": "http", "method": "GET", "path": "/nowhere", "root_path": "", "headers": []})


def connect(app: FastAPI, settings: Settings) -> None:
    """Hand the settings and the connections made from them to everything that serves a request."""
    database.connect(settings.database_url)
    configure(settings)
    app.state.settings = settings
    app.state.boards = Boards(fresh_s=settings.board_fresh_s, key=settings.derive_key("pseudonyms"))
    app.state.provider = open_provider(settings)
    app.state.redis = redis.Redis.from_url(settings.redis_url, socket_timeout=3, socket_connect_timeout=3)


@asynccontextmanager
async def run_relay(app: FastAPI) -> AsyncIterator[None]:
    """As long as the app serves, committed messages go out at once."""
    with Relay(hand_over), Heart(app.state.settings):
        yield
