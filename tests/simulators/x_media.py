"""X's media: `POST /2/media/upload` in one piece, and `POST /2/media/metadata` (docs.x.com, "Media"). Shares no code with the adapter that it tests."""

import base64
import binascii
import io
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from PIL import Image
from starlette.responses import JSONResponse, Response

from tests.simulators.loopback import Broken, Silent

BYTES_MAX, ALT_MAX, EXPIRES_S, A_POST_MAX = 5_000_000, 1_000, 86_400, 4
_TYPES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}


class MediaFault(Enum):
    """What goes wrong with the next call about media."""

    RESET = auto()
    SILENT = auto()
    DOWN = auto()
    """503."""
    NO_PERMISSION = auto()
    """403: the app may not upload."""
    GIBBERISH = auto()
    """200 with what isn't X's."""
    LIMITED = auto()
    """429."""


@dataclass
class Upload:
    """One picture that was uploaded."""

    id: str
    png: bytes
    expires_at: float
    alt: str | None = None


class Media:
    """What was uploaded, and what a test sets."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.uploads: dict[str, Upload] = {}
        self.faults: deque[MediaFault] = deque()
        self.forgets = False
        """What is uploaded is gone at once, though its upload is answered."""

    def upload(self, body: bytes) -> Response:
        """`POST /2/media/upload`, the picture as base64 in JSON."""
        if (fault := self._fault()) is not None:
            return fault
        wanted: dict[str, Any] = json.loads(body)
        if wanted.get("media_category") != "tweet_image" or not wanted.get("media"):
            return problem(400, "Invalid Request", "One or more parameters to your request was invalid.")
        try:
            picture = base64.b64decode(wanted["media"], validate=True)
            kind = Image.open(io.BytesIO(picture)).format
        except (binascii.Error, OSError):
            return problem(400, "Invalid Request", "media type unrecognized.")
        if len(picture) > BYTES_MAX or _TYPES.get(wanted.get("media_type", "image/png")) != kind:
            return problem(400, "Invalid Request", "media type unrecognized, or file size exceeds 5242880 bytes.")
        made = Upload(str(1_800_000 + len(self.uploads)), picture, self._now() + EXPIRES_S)
        self.uploads[made.id] = made
        told = {"id": made.id, "media_key": f"3_{made.id}", "size": len(picture), "expires_after_secs": EXPIRES_S}
        if self.forgets:
            del self.uploads[made.id]
        return JSONResponse({"data": told})

    def metadata(self, body: bytes) -> Response:
        """`POST /2/media/metadata`."""
        if (fault := self._fault()) is not None:
            return fault
        wanted: dict[str, Any] = json.loads(body)
        text = wanted.get("metadata", {}).get("alt_text", {}).get("text", "")
        if self.forgets:
            return JSONResponse({"data": {"id": wanted.get("id")}})
        if self._known(wanted.get("id", "")) is None or not 0 < len(text) <= ALT_MAX:
            return problem(400, "Invalid Request", "One or more parameters to your request was invalid.")
        self.uploads[wanted["id"]].alt = text
        return JSONResponse({"data": {"id": wanted["id"], "associated_metadata": {"alt_text": {"text": text}}}})

    def attached(self, ids: list[str]) -> list[Upload] | None:
        """The pictures of a post; None where one is unknown, has expired, or they are too many."""
        found = [self._known(one) for one in ids]
        return None if len(found) > A_POST_MAX or None in found else [one for one in found if one is not None]

    def _known(self, one: str) -> Upload | None:
        known = self.uploads.get(one)
        return known if known is not None and known.expires_at > self._now() else None

    def _fault(self) -> Response | None:
        fault = self.faults.popleft() if self.faults else None
        answers: dict[MediaFault, Response] = {
            MediaFault.RESET: Broken(),
            MediaFault.SILENT: Silent(),
            MediaFault.DOWN: problem(503, "Service Unavailable", "Service Unavailable"),
            MediaFault.NO_PERMISSION: problem(403, "Forbidden", "You are not permitted to perform this action."),
            MediaFault.GIBBERISH: JSONResponse(["upstream"]),
            MediaFault.LIMITED: problem(429, "Too Many Requests", "Too Many Requests"),
        }
        return answers[fault] if fault else None


def problem(status: int, title: str, detail: str) -> Response:
    """An error, as X tells it."""
    return JSONResponse({"title": title, "detail": detail, "type": "about:blank", "status": status}, status, media_type="application/problem+json")
