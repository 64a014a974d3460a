"""The adapter against `mastodon-mock`, a server that others wrote: it reads the API as they do."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from services.adapters.social_mastodon import MastodonFeed
from services.kernel.ports.social import Picture, Reply
from tests.drafts import draft
from tests.simulators.loopback import serving

TOKEN = "mock_token"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    try:
        from mastodon_mock.app import create_app
        from mastodon_mock.config import MastodonMockConfig

        app = create_app(MastodonMockConfig())
    except Exception as error:
        pytest.skip(f"mastodon-mock does not start here: {type(error).__name__}: {error}")
    with serving(app) as origin:
        yield origin


def test_it_takes_threads_pictures_and_repeated_keys_and_tells_what_is_out(url: str) -> None:
    feed = MastodonFeed(url, TOKEN, 10.0)
    first = replace(draft("Power outage in Barrhaven: 1,250 customers & more"), written_at=datetime.now(UTC))  # noqa: TID251  the mock's clock is the machine's
    assert feed.find(first).reply is Reply.ABSENT
    posted, again = feed.post(first), feed.post(first)
    assert (posted.reply, again) == (Reply.POSTED, posted)
    answer = replace(draft("Power is back", answers=posted.remote_id), picture=Picture(PNG, "A map"))
    receipt = feed.post(answer)
    assert (receipt.reply, receipt.detail) == (Reply.POSTED, "")
    assert feed.find(first).remote_id == posted.remote_id
    assert feed.post(draft("é" * 501)).reply is Reply.INVALID
    assert MastodonFeed(url, "wrong", 10.0).post(draft("text")).reply is Reply.LOCKED_OUT
    form = feed.form()
    assert form is not None
    assert form.maximum == 500


PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000000000400010d0a2db40000000049454e44ae426082")
