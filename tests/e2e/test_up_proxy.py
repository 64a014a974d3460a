"""The origin passes requests on as they are, in a stream, and says plainly when a part is down."""

import json
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from services.cli.up.proxy import Proxy
from services.kit.settings import Settings


def _serve(app) -> tuple[uvicorn.Server, int, threading.Thread]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()  # before its thread runs: nobody is refused
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", proxy_headers=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    return server, listening.getsockname()[1], thread


async def _echo(request: Request) -> JSONResponse:
    body = await request.body()
    facts = {
        "method": request.method,
        "target": f"{request.scope['raw_path'].decode()}?{request.url.query}",
        "length": len(body),
        "headers": dict(request.headers),
    }
    return JSONResponse(facts, 202, {"X-Surgecast-Position": "7-0", "Connection": "X-Secret", "X-Secret": "1"})


async def _stream(_request: Request) -> StreamingResponse:
    async def parts():
        for number in range(1_000):
            yield f"{number},".encode() * 100

    return StreamingResponse(parts())


@pytest.fixture
def part() -> Iterator[int]:
    server, port, thread = _serve(Starlette(routes=[Route("/ingest/stream", _stream), Route("/{rest:path}", _echo, methods=["GET", "POST", "HEAD", "DELETE"])]))
    yield port
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def ports(part: int) -> list[int]:
    """Where the proxy looks; a test may point it elsewhere."""
    return [part]


@pytest.fixture
def client(ports: list[int]) -> Iterator[httpx.Client]:
    proxy = Proxy("ingest", lambda: ports, Settings(proxy_connect_s=0.5))
    server, port, thread = _serve(proxy)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as client:
        yield client
    server.should_exit = True
    thread.join(10)


def test_method_target_body_and_headers_arrive_as_they_were_sent(client: httpx.Client) -> None:
    answer = client.post(
        "/ingest/v1/x%20y?observed_at=2022-01-01T00%3A00%3A00%2B00:00", content=b"a" * 100_000, headers={"Authorization": "Bearer k", "X-Request-Id": "abc-1"}
    )
    facts = answer.json()
    assert answer.status_code == 202
    assert answer.headers["X-Surgecast-Position"] == "7-0"
    assert (facts["method"], facts["length"]) == ("POST", 100_000)
    assert facts["target"] == "/ingest/v1/x%20y?observed_at=2022-01-01T00%3A00%3A00%2B00:00"
    assert facts["headers"]["authorization"] == "Bearer k"
    assert facts["headers"]["x-request-id"] == "abc-1"
    assert facts["headers"]["content-length"] == "100000"
    assert facts["headers"]["x-forwarded-for"] == "127.0.0.1"


def test_what_concerns_one_connection_goes_no_further(client: httpx.Client) -> None:
    answer = client.get("/ingest/x", headers={"Connection": "X-Mine", "X-Mine": "1", "TE": "trailers", "X-Forwarded-For": "6.6.6.6"})
    assert "x-secret" not in answer.headers
    assert [len(answer.headers.get_list(name)) for name in ("date", "server")] == [1, 1], "this server's own, not the part's too"
    facts = answer.json()["headers"]
    assert not {"x-mine", "te"} & set(facts)
    assert facts["x-forwarded-for"] == "127.0.0.1", "a client must not say who it is"


def test_a_request_without_an_id_gets_one(client: httpx.Client) -> None:
    assert len(client.get("/ingest/x").json()["headers"]["x-request-id"]) == 32


def test_a_body_of_unknown_length_is_passed_on_in_pieces(client: httpx.Client) -> None:
    facts = client.post("/ingest/x", content=(b"x" * 1_000 for _ in range(500))).json()
    assert facts["length"] == 500_000
    assert facts["headers"]["transfer-encoding"] == "chunked"


def test_an_answer_is_passed_on_whole(client: httpx.Client) -> None:
    assert client.get("/ingest/stream").content == b"".join(f"{number},".encode() * 100 for number in range(1_000))


def test_a_part_that_is_down_is_a_problem_that_says_when_to_come_again(client: httpx.Client, ports: list[int]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        ports[0] = unused.getsockname()[1]
        answer = client.post("/ingest/v1/events", content=b"{}", headers={"X-Request-Id": "abc"})
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["X-Request-Id"] == "abc"
    assert json.loads(answer.content)["title"] == "The ingest service is down or busy"


def test_a_part_that_moved_to_another_port_is_found_there(client: httpx.Client, ports: list[int], part: int) -> None:
    ports[0] = 1  # nobody listens there
    assert client.get("/ingest/x").status_code == 503
    ports[0] = part
    assert client.get("/ingest/x").status_code == 202


@pytest.mark.parametrize("length", [1, 200])
def test_a_part_that_refuses_is_passed_over_for_one_that_listens(length: int, client: httpx.Client, ports: list[int]) -> None:
    ports.insert(0, 1)  # nobody listens there
    answer = client.post("/ingest/x", content=(b"x" * 1_000 for _ in range(length)))
    assert answer.status_code == 202
    assert answer.json()["length"] == length * 1_000


def test_what_a_part_has_had_is_not_sent_to_another(client: httpx.Client, ports: list[int]) -> None:
    with socket.socket() as dying:
        dying.bind(("127.0.0.1", 0))
        dying.listen()
        ports.insert(0, dying.getsockname()[1])
        heard: list[bytes] = []

        def take_and_die() -> None:
            link, _ = dying.accept()
            with link:
                heard.append(link.recv(65_536))

        thread = threading.Thread(target=take_and_die)
        thread.start()
        answer = client.post("/ingest/v1/events", content=b"{}")
        thread.join(10)
    assert heard[0].startswith(b"POST /ingest/v1/events")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
