"""HTTP as Mastodon.py is given it: bounded in time as a whole and in bytes, whatever the library and the server do."""

import time
from typing import Any

import requests

_ANSWER_BYTES_MAX = 8 * 1024 * 1024
_PIECE_BYTES = 64 * 1024


class Session(requests.Session):
    """Sends Mastodon.py's requests within one time for them all, and keeps the last answer. A redirected POST would come back as a GET: it is none."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self.ends_at = time.monotonic() + timeout_s
        self.answer: requests.Response | None = None
        self.headers["Connection"] = "close"  # posts are minutes apart: a kept connection is a dead one, and its reset leaves us in doubt

    def request(self, method: str, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """One request, whose answer is read whole. Raises `requests.RequestException` and `urllib3.exceptions.HTTPError`."""
        self.answer, left_s = None, self.ends_at - time.monotonic()
        if left_s <= 0:
            raise requests.ConnectTimeout("no time was left to ask")
        answer = super().request(method, url, *args, **kwargs | {"timeout": (left_s / 2, left_s / 2), "allow_redirects": method == "GET", "stream": True})
        body = bytearray()
        while piece := answer.raw.read1(_PIECE_BYTES, decode_content=True):  # what has come; `iter_content` would wait for a whole piece
            body += piece
            if len(body) > _ANSWER_BYTES_MAX or time.monotonic() > self.ends_at:
                answer.close()
                raise requests.ReadTimeout("the answer was too long, or too long in coming")
        answer._content = bytes(body)  # where requests keeps what it read; it offers no other way to bound the reading
        self.answer = answer
        return answer
