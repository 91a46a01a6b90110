"""What the API says about itself."""

import pytest
from fastapi.testclient import TestClient

OPEN = {("post", "/api/v1/tokens"), ("get", "/healthz"), ("get", "/readyz"), ("get", "/metrics")}


@pytest.fixture
def schema(app_client: TestClient) -> dict:
    return app_client.get("/api/v1/openapi.json").json()


def test_programs_sign_in_with_a_bearer_token(schema: dict) -> None:
    (scheme,) = schema["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")


def test_every_route_says_whether_it_asks_for_the_token(schema: dict) -> None:
    (name,) = schema["components"]["securitySchemes"]
    operations = {(method, path): told for path, methods in schema["paths"].items() for method, told in methods.items()}
    assert {which for which, told in operations.items() if told.get("security") != [{name: []}]} == OPEN
