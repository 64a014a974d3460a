"""What each platform is told when more ask than can be answered: an apology in its own protocol, rendered ahead (docs/decisions/0027).

That is before a body is read: neither who asks nor in which language is known. So it is a constant, in both languages; whoever forges requests learns nothing.
"""

import html
from collections.abc import Mapping

import msgspec

from services.kernel.messages import LANGS, LOCALE, Lang, Wording
from services.kit.refusal import BUSY, Instead, Refusal
from services.kit.settings import Settings
from services.voice.conversation.turn import Platform
from services.voice.linking.addresses import AUTHORIZE
from services.voice.platforms.speech import plain
from services.voice.platforms.telephone import SAYS

Words = Mapping[Lang, str]
JSON, XML, HTML = "application/json", "text/xml", "text/html; charset=utf-8"
_encode = msgspec.json.Encoder().encode


def refusals(wordings: Mapping[Lang, Wording], settings: Settings) -> Mapping[str, Refusal]:
    """What is said by each path. Where our own script, a program, or Messenger asks, which delivers again, a problem (503) as everywhere.

    Where somebody links an account in a browser, a page; they ask nothing, and are not counted among those who do.
    """
    words = {lang: plain(wordings[lang].say("busy-now")) for lang in LANGS}
    own = {
        "/voice/v1/alexa": (Platform.ALEXA, alexa(words)),
        "/voice/v1/twilio": (Platform.PHONE, twilio(words, settings)),
        "/voice/v1/dialogflow": (Platform.DIALOGFLOW, dialogflow(words, settings)),
        "/mcp": (Platform.MCP, mcp(words)),
        "/voice/v1/messenger": (Platform.MESSENGER, None),
        "/voice/v1/chat": (Platform.WEB, None),
        "/voice/v1/ask": (Platform.ASK, None),
    }
    linking = Refusal(BUSY.name, BUSY.title, BUSY.why, instead=page(words, {lang: wordings[lang].say("link-title") for lang in LANGS}))
    return {AUTHORIZE: linking} | {path: Refusal(BUSY.name, BUSY.title, BUSY.why, platform, instead) for path, (platform, instead) in own.items()}


def alexa(words: Words) -> Instead:
    """The session ends: an open microphone would bring the next request at once."""
    said = " ".join(f'<lang xml:lang="{_locale(lang)}">{_escaped(text)}</lang>' for lang, text in words.items())
    speech = {"type": "SSML", "ssml": f"<speak>{said}</speak>"}
    return Instead(200, JSON, _encode({"version": "1.0", "response": {"outputSpeech": speech, "shouldEndSession": True}}))


def twilio(words: Words, settings: Settings) -> Instead:
    """A call hears it and ends. A text message, which comes by the same address, gets no answer: <Say> is passed over there (Twilio's warning 12200)."""
    voices: Words = {"en": settings.twilio_voice_en, "fr": settings.twilio_voice_fr}
    voiced = {lang: f' voice="{html.escape(voice)}"' if voice else "" for lang, voice in voices.items()}
    says = "".join(f'<Say language="{SAYS[lang]}"{voiced[lang]}>{_escaped(text)}</Say>' for lang, text in words.items())
    return Instead(200, XML, f'<?xml version="1.0" encoding="UTF-8"?><Response>{says}<Hangup /></Response>'.encode())


def dialogflow(words: Words, settings: Settings) -> Instead:
    """CX and ES refuse each other's members, so that a setting says which of them calls."""
    text = " ".join(words.values())
    if settings.dialogflow_edition == "es":
        return Instead(200, JSON, _encode({"fulfillmentText": text}))
    return Instead(200, JSON, _encode({"fulfillmentResponse": {"messages": [{"text": {"text": [text]}}]}}))


def mcp(words: Words) -> Instead:
    """An error status is what the protocol wants where nothing was read; its body may be a JSON-RPC error without an id (MCP 2025-06-18, transports)."""
    error = {"code": -32000, "message": " ".join(words.values())}
    return Instead(503, JSON, _encode({"jsonrpc": "2.0", "id": None, "error": error}))


def page(words: Words, titles: Words) -> Instead:
    """What a browser shows, in both languages: no script, nothing to load."""
    both = "".join(f'<section lang="{_locale(lang)}"><h1>{_escaped(titles[lang])}</h1><p>{_escaped(text)}</p></section>' for lang, text in words.items())
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
    titled = f"<title>{_escaped(' · '.join(titles.values()))}</title>"
    style = "<style>body{font:1.125rem/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:36rem;color:#111;background:#fff}</style>"
    whole = f'<!doctype html><html lang="{_locale(LANGS[0])}"><head>{head}{titled}{style}</head><body><main>{both}</main></body></html>'
    return Instead(503, HTML, whole.encode())


def _locale(lang: Lang) -> str:
    return LOCALE[lang].replace("_", "-")


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
