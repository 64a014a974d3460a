"""Waits until each output shows what was sent last: the end of the road that an event takes, as a customer sees it."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import httpx

from services.kernel.views import Position, position_order

POLL_S = 0.05
HEADER = "X-Surgecast-Position"


class Output(NamedTuple):
    """One output and how to ask it for its position."""

    name: str
    position: Callable[[httpx.Client], str | None]


def _of_document(path: str) -> Callable[[httpx.Client], str | None]:
    return lambda client: client.head(path).headers.get(HEADER)


def _of_voice(client: httpx.Client) -> str | None:
    answer = client.post("/voice/v1/ask", json={"text": "how many customers are out", "locale": "en-CA"})
    position = answer.json().get("position") if answer.status_code == 200 else None
    return position if isinstance(position, str) else None


OUTPUTS = (
    *(
        Output(f"{name} ({lang})", _of_document(path.format(lang=lang)))
        for name, path in (
            ("summary.json", "/feeds/v1/{lang}/summary.json"),
            ("outages.geojson", "/feeds/v1/{lang}/outages.geojson"),
            ("atom.xml", "/feeds/v1/{lang}/atom.xml"),
            ("page", "/{lang}/"),
        )
        for lang in ("en", "fr")
    ),
    Output("voice", _of_voice),
)


def wait(client: httpx.Client, wanted: Position, since: float, within_s: float) -> Mapping[str, float | None]:
    """How long after `since` (monotonic) each output reached `wanted`; None for one that didn't within `within_s` from now."""
    reached: dict[str, float | None] = dict.fromkeys((output.name for output in OUTPUTS), None)
    give_up = time.monotonic() + within_s
    while True:
        for output in OUTPUTS:
            if reached[output.name] is None and _is_there(output, client, wanted):
                reached[output.name] = time.monotonic() - since
        if time.monotonic() > give_up or None not in reached.values():
            return reached
        time.sleep(POLL_S)


def _is_there(output: Output, client: httpx.Client, wanted: Position) -> bool:
    try:
        position = output.position(client)
        return position is not None and position_order(Position(position)) >= position_order(wanted)
    except (httpx.HTTPError, ValueError):  # down for a moment, or not an answer of ours: asked again
        return False
