"""A whole picture of a source, in however many pages it comes.

ArcGIS answers at most so many features, with `exceededTransferLimit` where there are more, from `resultOffset` on (Query, Feature Service,
ArcGIS REST API). In Esri's JSON the flag is a member of the answer, in GeoJSON one of its `properties`.
"""

from datetime import timedelta

import httpx
import msgspec

from services.kernel.polls import Polled, Validators
from services.kernel.ports.clock import Clock
from services.kernel.ports.polls import Fetched, Fetcher, FetchFailed, Request

_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_features = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode
_LIMITED = "exceededTransferLimit"


def whole_picture(fetcher: Fetcher, source: Polled, known: Validators, clock: Clock) -> Fetched:
    """The picture of `source`; a paged one is asked for whole each time. Raises `FetchFailed`.

    Pages, bytes and time are those of the picture, not of one page. One that has more pages than it may says so itself, and closes nothing.
    """
    ends = clock.now() + timedelta(seconds=source.timeout_s)
    if source.pages == 1:
        return fetcher.fetch(Request(source.url, source.headers, known, source.max_bytes, source.timeout_s))
    features: list[msgspec.Raw] = []
    left_bytes = source.max_bytes
    for _ in range(source.pages):
        left_s = (ends - clock.now()).total_seconds()
        if left_s <= 0:
            raise FetchFailed(f"not answered whole within {source.timeout_s:g} s")
        url = str(httpx.URL(source.url).copy_merge_params({"resultOffset": len(features)}))
        page = fetcher.fetch(Request(url, source.headers, Validators(), left_bytes, left_s))
        envelope, more = _opened(page)
        features += more
        left_bytes -= len(page.body or b"")
        if not more or not _is_limited(envelope):
            break
    envelope["features"] = msgspec.Raw(_encode(features))
    return msgspec.structs.replace(page, body=_encode(envelope), validators=Validators())


def _opened(page: Fetched) -> tuple[dict[str, msgspec.Raw], list[msgspec.Raw]]:
    try:
        envelope = _decode(page.body or b"")
        return envelope, _decode_features(envelope["features"])
    except (msgspec.MsgspecError, KeyError) as error:
        raise FetchFailed(f"answers with a page that has no list of features: {error}") from None


def _is_limited(envelope: dict[str, msgspec.Raw]) -> bool:
    try:
        inside = _decode(envelope.get("properties", b"{}"))
    except msgspec.MsgspecError:
        inside = {}
    return any(bytes(where.get(_LIMITED, b"")) == b"true" for where in (envelope, inside))
