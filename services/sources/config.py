"""The file that names the sources to poll (SURGECAST_SOURCES, TOML), read whole or not at all: a mistake in it says where it is."""

import os
import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import asdict

from services.kernel.ids import SourceName
from services.kernel.keys import checked_source
from services.kernel.polls import Polled

MIB = 1024 * 1024
TIMEOUT_MAX_S = 60
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_WHERE = re.compile(r"^(?P<what>.*) - at `\$\.source\[(?P<index>\d+)\](?:\.(?P<field>.*))?`$")
_Seconds = Annotated[float, Meta(ge=0)]


class ConfigError(Exception):
    """The file can't be used. The text names the source and the field, and says what to do."""


class _Written(Struct, forbid_unknown_fields=True):
    """One `[[source]]`. Times are in seconds; docs/pull-sources.md explains each field."""

    name: str
    url: str
    format: str
    interval: Annotated[float, Meta(ge=1)] = 60
    jitter: _Seconds = 5
    timeout: Annotated[float, Meta(gt=0, le=TIMEOUT_MAX_S)] = 20
    headers: dict[str, str] = {}
    max_bytes: Annotated[int, Meta(ge=1)] = 32 * MIB
    pages: Annotated[int, Meta(ge=1, le=1_000)] = 1
    stale_after: Annotated[float, Meta(gt=0)] | None = None
    label: dict[str, str] = {}


class _File(Struct, forbid_unknown_fields=True):
    source: list[_Written] = []


def load(path: Path, formats: Collection[str] | None = None, environ: Mapping[str, str] | None = os.environ) -> dict[SourceName, Polled]:
    """The sources in the file at `path`. Raises `ConfigError`.

    Where `formats` are given, no others may be named. `${NAME}` in an address or a header is the variable of `environ`, so that no secret
    is in the file; without an `environ` it stays as written.
    """
    try:
        written = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}. SURGECAST_SOURCES names it.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_placed(str(error))}") from None
    found: dict[SourceName, Polled] = {}
    for number, source in enumerate(written.source, 1):
        try:
            polled = _polled(source, formats, environ)
            if polled.name in found:
                raise ValueError("name: another source has it already")
        except ValueError as error:
            raise ConfigError(f"{path}: source {number} ({source.name}): {error}") from None
        found[polled.name] = polled
    return found


def _placed(error: str) -> str:
    """msgspec's message, with the place as people count."""
    place = _WHERE.match(error)
    if place is None:
        return error
    field = f"{place['field']}: " if place["field"] else ""
    return f"source {int(place['index']) + 1}: {field}{place['what']}"


def _polled(source: _Written, formats: Collection[str] | None, environ: Mapping[str, str] | None) -> Polled:
    if formats is not None and source.format not in formats:
        raise ValueError(f"format: {source.format!r} is none; there are {', '.join(sorted(formats))}")
    if source.pages > 1 and source.format != "arcgis":
        raise ValueError("pages: only arcgis pictures come in pages")
    if unknown := sorted(source.label.keys() - {"en", "fr"}):
        raise ValueError(f"label: {unknown[0]!r} is no language of ours; there are en and fr")
    fields = asdict(source)
    renamed = {f"{name}_s": fields.pop(name) for name in ("interval", "jitter", "timeout", "stale_after")}
    return Polled(
        name=checked_source(fields.pop("name")),
        url=_filled("url", fields.pop("url"), environ),
        headers={name: _filled(f"headers.{name}", value, environ) for name, value in fields.pop("headers").items()},
        labels=fields.pop("label"),
        **fields,
        **renamed,
    )


def _filled(field: str, text: str, environ: Mapping[str, str] | None) -> str:
    if environ is None:
        return text

    def value(match: re.Match[str]) -> str:
        if match[1] not in environ:
            raise ValueError(f"{field}: the environment variable {match[1]} is not set")
        return environ[match[1]]

    return _VARIABLE.sub(value, text)
