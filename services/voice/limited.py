"""Who asks more than their client address may: still heard where they tell of a danger (conversation/limited.py), and told so otherwise."""

from starlette.requests import Request

from services.kit.http import Problem
from services.voice.conversation.turn import Outcome, Reply
from services.voice.understanding.question import Intent

LIMITED = "surgecast.limited"
"""Where a request's scope says that its address has asked too much: for how many seconds on."""


def is_limited(request: Request) -> bool:
    """Whether its address has asked too much."""
    return LIMITED in request.scope


def check_answered(request: Request, reply: Reply) -> None:
    """Raises `Problem` 429 where `reply` is no more than that too much was asked."""
    wait_s = request.scope.get(LIMITED)
    if wait_s is not None and reply.outcome is Outcome.SHED and reply.intent is not Intent.REPORT_HAZARD:
        detail = f"This address has asked a great deal in a short while. Ask again in {wait_s} s; what was asked is not kept."
        raise Problem(429, "too-many-questions", "Too many questions", detail, {"Retry-After": str(wait_s)})
