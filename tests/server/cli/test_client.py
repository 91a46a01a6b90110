"""What the commands make of the server's answers."""

import json

import httpx

from server.cli.client import Client

PAGES = {None: ([5, 4], 4), "4": ([3, 2], 2), "2": ([1], None)}


def answer(request: httpx.Request) -> httpx.Response:
    assert request.url.path == "/gradus/api/v1/list"
    rows, last = PAGES[request.url.params.get("before")]
    headers = {"Link": f'<?before={last}>; rel="next"'} if last else {}
    return httpx.Response(200, content=json.dumps(rows), headers=headers)


def test_a_list_in_pages_comes_whole_also_where_a_proxy_serves_below_a_path() -> None:
    with Client("https://example.edu/gradus", transport=httpx.MockTransport(answer)) as client:
        assert client.get_all("/list") == [5, 4, 3, 2, 1]
