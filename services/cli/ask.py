"""`surgecast ask`: one question to a Surgecast that runs, as its own people try it."""

import sys

import httpx
from rich.console import Console

from services.cli.failure import Failure
from services.kernel.messages import LANGS, Lang
from services.kit.settings import Settings
from services.voice.messages import LANG_OF
from services.voice.understanding.language import guessed

TIMEOUT_S = 10.0
"""The longest that anybody should wait for an answer: the product's own promise."""
_PATH = "/voice/v1/ask"


def ask(settings: Settings, url: str | None, words: str, lang: str | None, place: str, *, as_json: bool) -> None:
    """Ask `words` and print the answer; without `lang` in the language that they seem to be in. Raises `Failure`."""
    if lang is not None and lang not in LANGS:
        raise Failure(f"--lang {lang!r} isn't known: it is one of {', '.join(LANGS)}.")
    spoken: Lang = "fr" if (lang or guessed(words)) == "fr" else "en"
    locale = next(locale for locale, known in LANG_OF.items() if known == spoken)
    origin = (url or f"http://127.0.0.1:{settings.port}").rstrip("/")
    question = {"text": words, "locale": locale, **({"place": place} if place else {})}
    try:
        with httpx.Client(timeout=TIMEOUT_S, trust_env=url is not None) as client:
            answer = client.post(origin + _PATH, json=question)
    except httpx.HTTPError as error:
        raise Failure(f"{origin} can't be asked: {error or type(error).__name__}. Does it run? `surgecast up` starts one.") from None
    if answer.status_code != 200:
        raise Failure(f"{origin} answered {answer.status_code}: {_detail(answer)}")
    if as_json:
        sys.stdout.write(answer.text + "\n")
        return
    told = answer.json()
    Console().print(told["answer"], markup=False, highlight=False)
    Console().print(_small(told), style="dim", markup=False, highlight=False)


def _small(told: dict[str, object]) -> str:
    sure = f"{told['intent']}, {told['confidence']:.0%} sure" if isinstance(told["confidence"], int | float) else str(told["intent"])
    return f"({sure}; as of {told['as_of'] or 'never'}, position {told['position']})"


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200] or "nothing more"
