"""The one origin: whose a request is."""

import asyncio
from collections.abc import Mapping

import pytest
from starlette.types import Receive, Scope, Send

from services.cli.up.front import Origin


@pytest.mark.parametrize(("path", "whose"), [("/ingest/v1/events", "ingest"), ("/en/", "public"), ("/", "public"), ("*", "public"), ("", "public")])
def test_a_request_is_given_to_whom_its_path_belongs_even_when_it_names_no_path(path: str, whose: str) -> None:
    asked: list[str] = []

    def who(name: str):
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            asked.append(name)

        return answer

    async def unready() -> Mapping[str, str]:
        return {}

    async def unused(*_message) -> None:
        raise AssertionError

    origin = Origin(who("public"), {"ingest": who("ingest")}, unready)
    asyncio.run(origin({"type": "http", "path": path}, unused, unused))
    assert asked == [whose]
