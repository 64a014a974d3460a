"""Centres out of a YAML file that people edit in mid-storm: read again when it changes. Meets `kernel.ports.Centres`."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import yaml
from msgspec import Meta, Struct

from services.kernel.centres import Centre
from services.kernel.messages import LANGS
from services.kit.logs import log
from services.kit.yaml_text import plain

BYTES_MAX = 1024 * 1024


class _File(Struct, forbid_unknown_fields=True):
    centres: Annotated[list[Centre], Meta(max_length=1_000)] = []


class CentresFile:
    """One file; looked at every `look_s` seconds, when somebody asks."""

    def __init__(self, path: Path, look_s: float) -> None:
        self._path, self._look_s = path, look_s
        self._looked, self._version = -look_s, (0, 0)
        self._known: Sequence[Centre] = ()

    def known(self) -> Sequence[Centre]:
        """Meets `Centres.known`."""
        now = time.monotonic()
        if now - self._looked >= self._look_s:
            self._looked = now
            self._look()
        return self._known

    def _look(self) -> None:
        try:
            found = self._path.stat()
            version = (found.st_mtime_ns, found.st_size)
            if version == self._version:
                return
            self._version = version
            if found.st_size > BYTES_MAX:
                raise ValueError(f"is larger than {BYTES_MAX} bytes")
            self._known = _centres(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self._known, self._version = (), (0, 0)
        except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
            log.error("voice.centres_ignored", file=str(self._path), reason=str(error), action="mend the file: until then the centres read before are told")


def _centres(text: str) -> Sequence[Centre]:
    file = msgspec.convert(plain(text) or {}, _File)
    for centre in file.centres:
        for field in ("name", "address"):
            if missing := [lang for lang in LANGS if not getattr(centre, field).get(lang)]:
                raise ValueError(f"{next(iter(centre.name.values()), 'a centre')} has no {field} in {', '.join(missing)}")
        if any(moment is not None and moment.tzinfo is None for moment in (centre.opens, centre.closes)):
            raise ValueError(f"{centre.name['en']}: write opens and closes with their offset, as 2018-09-21T18:00:00-04:00")
    return tuple(file.centres)
