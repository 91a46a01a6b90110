"""Requests and their transactions."""

import asyncio
from collections import Counter
from collections.abc import Callable

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import ASGITransport, AsyncClient
from sqlalchemy import Engine

from server import database
from server.models import User

MANY = 120  # more than threads, connections and turns there are


async def ask_at_once(app: FastAPI, headers: dict[str, str], count: int) -> Counter[int]:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://gradus.test", headers=headers, timeout=20) as client:
        answers = await asyncio.wait_for(asyncio.gather(*(client.get("/api/v1/me") for _ in range(count))), 25)
    return Counter(answer.status_code for answer in answers)


def test_a_rush_waits_for_its_turn_and_everybody_is_answered(
    app_client: TestClient, make_user: Callable[..., User], bearer: Callable[[User], dict[str, str]]
) -> None:
    assert asyncio.run(ask_at_once(app_client.app, bearer(make_user()), MANY)) == {200: MANY}


def test_a_rush_that_is_refused_gives_its_turns_and_connections_back(app_client: TestClient, tables: Engine) -> None:
    async def twice() -> tuple[int, int]:
        for _ in range(2):
            assert await ask_at_once(app_client.app, {"Authorization": "Bearer wrong"}, MANY) == {401: MANY}
        return database.turns().borrowed_tokens, tables.pool.checkedout()

    assert asyncio.run(twice()) == (0, 0)
