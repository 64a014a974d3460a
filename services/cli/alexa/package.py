"""`surgecast alexa package`: the skill's files, for the ASK CLI to deploy."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import typer

from services.adapters.areas_redis import RedisAreas
from services.adapters.messages_folder import spoken_by
from services.adapters.redis_link import sync_link
from services.cli.embedded_link import with_journal
from services.cli.failure import Failure
from services.kernel.areas import AreaName
from services.kernel.ids import AreaId
from services.kernel.messages import LANGS, Lang
from services.kernel.ports.failures import Unavailable
from services.kit.settings import Settings
from services.voice.platforms.alexa.package.manifest import LOCALES, manifest, resources
from services.voice.platforms.alexa.package.model import interaction_model
from services.voice.understanding.learnt import heard
from services.voice.understanding.phrases import Grammar
from services.voice.understanding.templates import FOLDER, common, sentences

_INVOCATION = re.compile(r"[a-zà-öø-ÿœ]['a-zà-öø-ÿœ.]*( ['a-zà-öø-ÿœ.]+)+")
HEARD = FOLDER.parent / "heard"


def package(settings: Settings, out: Path, endpoint: str | None, privacy_url: str | None, invocation_en: str | None, invocation_fr: str | None) -> None:
    """Write the package into `out`. Raises `Failure`."""
    at = endpoint or settings.public_url.rstrip("/") + "/voice/v1/alexa"
    if not at.startswith("https://"):
        raise Failure(f"Alexa calls https addresses only, and {at} is none. Name the skill's with --endpoint, or set SURGECAST_PUBLIC_URL.")
    invocations: dict[Lang, str] = {"en": invocation_en or settings.utility["en"].lower(), "fr": invocation_fr or settings.utility["fr"].lower()}
    for lang, name in invocations.items():
        if not _INVOCATION.fullmatch(name):
            raise Failure(
                f"{name!r} can't be what the skill is called: two words or more, in small letters, without figures. Name another with --invocation-{lang}."
            )
    made = files(settings, invocations, at, privacy_url or settings.public_url, _areas(settings))
    for name, content in made.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
    typer.echo(f"{len(made)} files in {out}. Deploy them there with `ask deploy` (docs/voice.md).")


def files(settings: Settings, invocations: Mapping[Lang, str], endpoint: str, privacy_url: str, areas: Mapping[AreaId, AreaName]) -> dict[str, Any]:
    """The content of each file, by its path."""
    voices = spoken_by(settings, spoken=True)
    models = {
        lang: interaction_model(
            lang,
            invocations[lang],
            Grammar(sentences(lang)),
            heard(HEARD / f"{lang}.yaml"),
            common(lang).get("shorthand", ()),
            areas,
            voices[lang].say("voice-reprompt"),
        )
        for lang in LANGS
    }
    return {
        "ask-resources.json": resources(),
        "skill-package/skill.json": manifest(voices, invocations, endpoint, privacy_url),
        **{f"skill-package/interactionModels/custom/{locale}.json": models[lang] for locale, lang in LOCALES.items()},
    }


def _areas(settings: Settings) -> Mapping[AreaId, AreaName]:
    """The areas of the catalogue that outages are counted by. Raises `Failure` where there are none."""
    try:
        with sync_link(with_journal(settings)) as link:
            areas = {area.id: area.name for area in RedisAreas(link).read().counted}
    except Unavailable as error:
        raise Failure(f"The area catalogue can't be read: {error}. Start `surgecast up`, or set SURGECAST_JOURNAL_URL.") from None
    if not areas:
        raise Failure("There are no areas for Alexa to listen for: load them first with `surgecast areas load`.")
    return areas
