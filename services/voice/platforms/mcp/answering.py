"""What is done with a tool's call: a turn of the conversation, and its reply as words and as structure."""

from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from services.kernel.answers import ANSWERS
from services.kernel.messages import Lang
from services.kernel.ports.clock import Clock
from services.voice.conversation.conversation import Conversation
from services.voice.conversation.outages import echo
from services.voice.conversation.turn import Outcome, Reply
from services.voice.platforms.mcp.callers import Caller
from services.voice.platforms.mcp.plain import quoted
from services.voice.platforms.mcp.told import Answered, answered
from services.voice.platforms.mcp.tools import Tool, read, turn_of
from services.voice.understanding.question import Intent

_AGED = frozenset((*ANSWERS, Intent.PLANNED_WORK))
"""Intents whose answers are facts about outages."""


class Spoken(Struct, frozen=True):
    """An answer for assistants that read words only, and for those that read structure."""

    words: str
    structure: dict[str, Any]


class Answering:
    """Answers tools. Nothing is decided here, and nothing is kept."""

    def __init__(self, conversation: Conversation, clock: Clock, text_max: int) -> None:
        self._conversation, self._clock, self._text_max = conversation, clock, text_max

    async def answer(self, tool: Tool, arguments: dict[str, Any], caller: Caller) -> Spoken:
        """The answer of `tool`. Raises `Wrong` for arguments that it doesn't take."""
        turn = replace(turn_of(tool, read(tool, arguments, self._text_max), caller.token), address=caller.address)
        reply = self._told_apart(await self._conversation.answer(turn), turn.lang)
        told = answered(reply, turn.lang, self._clock.now())
        return Spoken(self._words(told), msgspec.to_builtins(told))

    def _told_apart(self, reply: Reply, lang: Lang) -> Reply:
        """A place that nobody knows is the asker's own words: where the answer says it back, it stands in quotation marks."""
        name = echo(reply.memory.place)
        if not name or name not in reply.answer or self._conversation.knows(name):
            return reply
        return replace(reply, answer=reply.answer.replace(name, quoted(name, lang)))

    def _words(self, told: Answered) -> str:
        """The answer, and how old its facts are: some assistants read nothing else."""
        if told.age_seconds is None or told.intent not in _AGED or told.outcome is not Outcome.ANSWERED:
            return told.answer
        return f"{told.answer} {self._conversation.line('mcp-age', told.language, minutes=told.age_seconds // 60)}"
