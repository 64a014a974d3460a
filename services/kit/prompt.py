"""Requests that are answered in the very turn in which they are read: to hot addresses, where the answer waits for nothing.

The way of all others, a task, a scope, and messages through each layer and back, costs more than such an answer does. What happens on it happens here too:
the guard's place (`Guard.prompt`), the request's id, the metrics, problems.
"""

import time
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from starlette.responses import Response

from services.kit.http import observers, problem_response, request_id
from services.kit.logs import REQUEST_ID


class Posted(Struct, frozen=True):
    """A POST that has come whole."""

    path: str
    headers: Sequence[tuple[bytes, bytes]]
    """Names in lower case, as they came otherwise."""
    body: bytes
    client: str = ""
    """Whose request it is, as `scope["client"]` names its host; '' where there is none."""


Answerer = Callable[[Posted], Response | None]
"""Answers, or raises what a handler raises. None: it has changed nothing, and the address's handler is to answer. It never waits."""


class Prompt:
    """What `Direct` and `Observed` are to handlers."""

    def __init__(self, service: str, answerers: Mapping[str, Answerer]) -> None:
        """`answerers` by their paths, each of which has a handler too."""
        self._service, self._answerers = service, dict(answerers)
        self.paths = frozenset(answerers)

    def answer(self, posted: Posted) -> Response | None:
        """The answer to a request to one of `paths`, under observation; None where it takes the way of all others."""
        started, named = time.perf_counter(), request_id(posted.headers)
        bound = REQUEST_ID.set(named)
        try:
            answer = self._answerers[posted.path](posted)
        except Exception as error:
            answer = problem_response(self._service, error)
        finally:
            REQUEST_ID.reset(bound)
        if answer is None:
            return None
        answer.raw_headers.append((b"x-request-id", named.encode()))
        count, duration = observers(self._service, posted.path, "POST", answer.status_code)
        count.inc()
        duration.observe(time.perf_counter() - started)
        return answer
