"""What the web app is put together from."""

from fastapi.testclient import TestClient

from server.app import create_app, prepare_routes, routes
from server.settings import Settings


def test_apps_of_one_process_share_their_routes_and_nothing_else(settings: Settings) -> None:
    first, second = create_app(settings), create_app(settings.model_copy(update={"upload_bytes": 10}))
    assert first.routes[: len(routes())] == second.routes[: len(routes())] == routes()
    for web, status in ((first, 422), (second, 413)):
        assert TestClient(web).post("/api/v1/tokens", content=b"x" * 100).status_code == status


def test_what_was_prepared_is_not_made_again_by_a_request(settings: Settings) -> None:
    prepare_routes()
    prepared = [id(candidate) for route in routes() for candidate in route.effective_candidates()]
    assert len(prepared) > 400
    assert TestClient(create_app(settings)).get("/nowhere").status_code == 404
    assert [id(candidate) for route in routes() for candidate in route.effective_candidates()] == prepared
