"""Hands pictures in at our own ingest service, over HTTP like any sender. Meets `kernel.ports.polls.FrontDoor`."""

from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from services.kernel.ids import SourceName
from services.kernel.ports.polls import Busy, Fetched, Taken, Unusable

KeyOf = Callable[[SourceName], str]
"""Gives the ingest key of a source. Raises `Busy`, which says what to do, where there is none."""


class _Result(msgspec.Struct):
    event_id: str | None
    outcome: str


class _Answer(msgspec.Struct):
    accepted: int
    results: list[_Result]


class HttpFrontDoor:
    """For any number of threads."""

    def __init__(self, url: str, key_of: KeyOf, timeout_s: float) -> None:
        """The ingest service is at the origin `url`; it is given `timeout_s` to answer."""
        self._key_of = key_of
        self._client = httpx.Client(base_url=url, timeout=timeout_s, trust_env=False)

    def take(self, source: SourceName, format_name: str, fetched: Fetched) -> Taken:
        """Meets `FrontDoor.take`. The picture's time is when the source said so."""
        headers = {"Authorization": f"Bearer {self._key_of(source)}", "Content-Type": _kind(fetched.kind)}
        asked = {"observed_at": fetched.at.isoformat()}
        try:
            answer = self._client.post(f"/ingest/v1/snapshots/{format_name}", params=asked, headers=headers, content=fetched.body)
        except httpx.HTTPError as error:
            raise Busy(f"our own ingest can't be reached: {str(error) or type(error).__name__}") from None
        if answer.status_code == 202:
            told = msgspec.json.decode(answer.content, type=_Answer)
            return Taken(told.accepted, overtaken=any(result.event_id is None and result.outcome == "stale" for result in told.results))
        reason = f"our own ingest answers {answer.status_code}: {_detail(answer)}"
        if answer.status_code in (401, 403, 429) or answer.status_code >= 500:
            asked_s = answer.headers.get("retry-after", "")
            raise Busy(reason, float(asked_s) if asked_s.isdigit() else 0)
        raise Unusable(reason)


def _kind(kind: str) -> str:
    """The media type to hand a body in as: sources call JSON all kinds of things."""
    if kind.endswith(("/xml", "+xml")):
        return "application/xml"
    return "text/csv" if kind.endswith("/csv") else "application/json"


def _detail(answer: httpx.Response) -> str:
    try:
        problem: Any = answer.json()
        return str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.reason_phrase
