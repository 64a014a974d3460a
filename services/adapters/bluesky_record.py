"""A post as Bluesky's repository holds it: its key, and its record (lexicon `app.bsky.feed.post`, atproto.com/specs/tid)."""

from datetime import UTC
from hashlib import blake2b
from typing import Any

from atproto_client import models
from atproto_client.utils.facet_detection import detect_facets

from services.kernel.ports.social import Draft, Picture

COLLECTION = "app.bsky.feed.post"
PICTURE_BYTES_MAX = 1_000_000
"""Newer servers take 2,000,000 (lexicon `app.bsky.embed.images`); older ones refuse the whole post."""
_SORTED_32 = "234567abcdefghijklmnopqrstuvwxyz"
_PNG = b"\x89PNG\r\n\x1a\n"


def tid(draft: Draft) -> str:
    """The record's key: the same for the same draft for ever, so that a post that is put once more is still one.

    A TID is microseconds since 1970 and 10 bits of the writer's own. Posts of one storm are written within one moment, so the whole second is taken from the
    time, and the million parts of it as well as the 10 bits from the draft's key: of 1,000 posts of one second two meet once in 2,000 times.
    """
    digest = int.from_bytes(blake2b(draft.key.encode(), digest_size=8).digest(), "big")
    micros = int(draft.written_at.timestamp()) * 1_000_000 + (digest >> 32) % 1_000_000
    stamp = micros << 10 | digest % 1024
    return "".join(_SORTED_32[stamp >> shift & 31] for shift in range(60, -1, -5))


def record(draft: Draft, reply: Any = None, embed: Any = None) -> Any:
    """The record, alike to the byte for the same draft: its time is when it was written, links and hashtags are marked by their UTF-8 bytes."""
    return models.AppBskyFeedPost.Record(
        text=draft.text,
        created_at=draft.written_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        langs=[draft.lang],
        facets=detect_facets(draft.text) or None,
        reply=reply,
        embed=embed,
    )


def answering(uri: str, cid: str, value: Any) -> Any:
    """What answers the post at `uri`: of the thread that this one says it is of, or else has begun."""
    parent = {"uri": uri, "cid": cid}
    root = value["reply"]["root"] if value.get("reply") else parent
    return models.AppBskyFeedPost.ReplyRef.model_validate({"parent": parent, "root": {"uri": root["uri"], "cid": root["cid"]}})


def shown(picture: Picture, blob: Any) -> Any:
    """`picture`, which was uploaded as `blob`, as a record shows it: with its alt text, and its shape, where that can be read."""
    shape = None
    if picture.png.startswith(_PNG) and len(picture.png) >= 24:
        width, height = int.from_bytes(picture.png[16:20], "big"), int.from_bytes(picture.png[20:24], "big")
        shape = models.AppBskyEmbedDefs.AspectRatio(width=width, height=height) if width and height else None
    return models.AppBskyEmbedImages.Main(images=[models.AppBskyEmbedImages.Image(alt=picture.alt, image=blob, aspect_ratio=shape)])
