"""How a path of the site is spelled on disk: safe on any file system, never outside the folder, and plain enough for nginx to serve as it is."""

import re
from hashlib import blake2b
from urllib.parse import quote

NAME_MAX_BYTES = 200
"""File systems end at 255; a temporary name needs some of it."""
_UNSAFE = re.compile(r"[^\w .'’()&~-]|^\.|[. ]$")


def file_name(path: str) -> str:
    """`path` with whatever is not plain in its segments percent-encoded. Raises ValueError for an empty segment."""
    return "/".join(map(_segment, path.split("/")))


def _segment(segment: str) -> str:
    if not segment:
        raise ValueError("no file of the site has an empty name")
    name = _UNSAFE.sub(_encoded, segment)
    if len(name.encode()) <= NAME_MAX_BYTES:
        return name
    stem, dot, kind = name.rpartition(".")
    digest = blake2b(segment.encode(), digest_size=16).hexdigest()
    return f"{(stem or kind)[:40]}~{digest}{dot}{kind}" if len(kind) < 16 else f"{name[:40]}~{digest}"


def _encoded(match: re.Match[str]) -> str:
    return "%2E" if match[0] == "." else quote(match[0], safe="")
