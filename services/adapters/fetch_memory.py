"""Sources in memory: the twin of `fetch_http`. What is at an address changes when it is `put` there."""

from hashlib import sha256

from services.kernel.polls import Validators
from services.kernel.ports.clock import Clock
from services.kernel.ports.polls import Fetched, FetchFailed, Request


class MemoryFetcher:
    """Meets `kernel.ports.polls.Fetcher`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._bodies: dict[str, bytes] = {}
        self.asked: list[Request] = []
        self.failure: FetchFailed | None = None
        """What every request comes to while it is set."""

    def put(self, url: str, body: bytes) -> None:
        """What `url` answers from now on."""
        self._bodies[url] = body

    def fetch(self, request: Request) -> Fetched:
        """Meets `Fetcher.fetch`."""
        self.asked.append(request)
        if self.failure:
            raise self.failure
        if request.url not in self._bodies:
            raise FetchFailed("answers 404 Not Found")
        body = self._bodies[request.url]
        if len(body) > request.max_bytes:
            raise FetchFailed(f"answers with more than {request.max_bytes} bytes (max_bytes)")
        validators = Validators(etag=f'"{sha256(body).hexdigest()[:16]}"')
        same = request.known.etag == validators.etag
        return Fetched(None if same else body, "application/json", validators, self._clock.now())
