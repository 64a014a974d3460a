"""Where a signing certificate may come from: the rules of 'Verify that the request was sent by Alexa' (Alexa Skills Kit)."""

import posixpath
import re
from functools import lru_cache
from urllib.parse import urlsplit

from services.voice.platforms.alexa.refused import Reason, Refused

HOST, FOLDER = "s3.amazonaws.com", "/echo.api/"
URL_MAX_CHARS = 500
_PATH = re.compile(r"[A-Za-z0-9._~/-]+")
"""No escapes: what is behind them would be another address for the host than for us."""


@lru_cache(maxsize=64)
def certificate_url(said: str) -> str:
    """The one address of the certificate that is `said` to be there: without what makes no difference (`..`, a doubled slash, port 443, query, fragment), so
    that nobody makes us fetch it twice. Raises `Refused`.
    """
    if len(said) > URL_MAX_CHARS or not said.isascii() or not said.isprintable():
        raise Refused(Reason.URL, "the address of the certificate is no address")
    try:
        parts = urlsplit(said)
        port = parts.port
    except ValueError as error:
        raise Refused(Reason.URL, f"{said!r} is no address: {error}") from None
    if parts.scheme != "https" or parts.hostname != HOST or port not in (None, 443) or "@" in parts.netloc:
        raise Refused(Reason.URL, f"{said!r} is not at https://{HOST}")
    path = re.sub("^//+", "/", posixpath.normpath(parts.path or "/"))
    if not path.startswith(FOLDER) or not _PATH.fullmatch(parts.path):
        raise Refused(Reason.URL, f"{said!r} is not in {FOLDER}")
    return f"https://{HOST}{path}"
