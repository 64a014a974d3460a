"""`surgecast ask`, against a service in this process's own thread."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

from services.cli.ask import ask
from services.cli.failure import Failure
from services.kit.settings import Settings

SETTINGS = Settings(_env_file=None)
TOLD = {"answer": "Aucune panne [à Kanata].", "intent": "outage_status", "confidence": 1.0, "choices": [], "position": "5-1", "as_of": None}


class Answering(BaseHTTPRequestHandler):
    asked: ClassVar[list[Any]] = []
    answer: ClassVar[tuple[int, Any]] = (200, TOLD)

    def do_POST(self) -> None:
        self.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        status, body = self.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def origin() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        Answering.asked.clear()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("words", "lang", "locale"),
    [("y a-t-il une panne à Kanata?", None, "fr-CA"), ("is the power out", None, "en-CA"), ("Kanata", "fr", "fr-CA"), ("K2G", None, "en-CA")],
)
def test_a_question_is_asked_in_the_language_that_it_is_in(origin: str, words: str, lang: str | None, locale: str, capsys: pytest.CaptureFixture[str]) -> None:
    ask(SETTINGS, origin, words, lang, "K2G", as_json=False)
    assert Answering.asked == [{"text": words, "locale": locale, "place": "K2G"}]
    assert "Aucune panne [à Kanata]." in capsys.readouterr().out


def test_what_goes_wrong_is_told_with_what_to_do(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answering, "answer", (422, {"detail": "`text` is empty; send the question in words."}))
    with pytest.raises(Failure, match="422: `text` is empty"):
        ask(SETTINGS, origin, " ", None, "", as_json=False)
    with pytest.raises(Failure, match="surgecast up"):
        ask(SETTINGS, "http://127.0.0.1:9", "is the power out", None, "", as_json=False)
    with pytest.raises(Failure, match="--lang 'de' isn't known"):
        ask(SETTINGS, origin, "hallo", "de", "", as_json=False)
