"""The one page of account linking: who asks for what, a login code, yes or no. Plain HTML in both languages, without a script."""

import base64
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment
from starlette.responses import HTMLResponse

from services.kernel.messages import LANGS, Lang, Wording
from services.voice.linking.addresses import AUTHORIZE

STYLE = (
    "*{box-sizing:border-box}body{font:1.125rem/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:36rem;color:#111;background:#fff}"
    "header{text-align:right}a{color:#064f8c}header a{display:inline-block;padding:.5rem 0}h1{font-size:1.625rem;line-height:1.25;margin:.5rem 0 1rem}"
    "ul{padding-left:1.5rem}label{display:block;font-weight:600;margin-top:1.5rem}#hint{margin:0 0 .5rem;color:#444}"
    "input,button{font:inherit;padding:.5rem .75rem;min-height:2.75rem;border:2px solid #333;border-radius:.25rem}input{width:100%;max-width:20rem}"
    "input[aria-invalid]{border-color:#a40000}form div{display:flex;flex-wrap:wrap;gap:.75rem}"
    "button{background:#fff;color:#111;cursor:pointer}button[value=allow]{background:#064f8c;color:#fff;border-color:#064f8c}"
    "[role=alert]{border-left:.5rem solid #a40000;padding:.5rem 1rem;background:#fdecec}:focus-visible{outline:3px solid #b35900;outline-offset:2px}"
)
TYPED_MAX = 40
"""Letters of a code that was not known that are shown again, to be mended."""
_STYLE_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
_template = Environment(autoescape=True, trim_blocks=True).from_string((Path(__file__).parent / "page.html").read_text("utf-8"))


def lang_of(parameters: Mapping[str, str], accept: str) -> Lang:
    """The language of the page: as the client asks (`ui_locales`, OpenID Connect Core, section 3.1.2.1), else as the browser does."""
    for wanted in (*parameters.get("ui_locales", "").split(), *(part.split(";")[0].strip() for part in accept.split(","))):
        found = next((lang for lang in LANGS if wanted.lower().split("-")[0] == lang), None)
        if found:
            return found
    return "en"


def page(wording: Wording, parameters: Mapping[str, str], client: str = "", *, failure: str = "", status: int = 200) -> HTMLResponse:
    """The page, with the form where a known `client` asks; `failure` is the message that says what went wrong."""
    lang = wording.lang
    other: Lang = "fr" if lang == "en" else "en"
    fields = [(name, value) for name, value in parameters.items() if name not in ("login", "decision", "ui_locales")]
    told = {name: wording.say(f"link-{name}") for name in ("title", "label", "hint", "allow", "deny")}
    back = _origin(parameters["redirect_uri"]) if client else ""
    body = _template.render(
        **told,
        lang=lang,
        other=other,
        other_name=wording.say("link-other"),
        other_url=f"{AUTHORIZE}?{urlencode([*fields, ('ui_locales', other)])}",
        style=STYLE,
        action=AUTHORIZE,
        head=wording.say("link-failed", title=told["title"]) if failure else told["title"],
        asks=wording.say("link-asks", client=client),
        after=wording.say("link-after", back=urlsplit(back).netloc),
        typed=parameters.get("login", "")[:TYPED_MAX] if client else "",
        rights=[wording.say("link-right-outage"), wording.say("link-right-account")],
        fields=[*fields, ("ui_locales", lang)] if client else [],
        failure=wording.say(failure) if failure else "",
    )
    target = f" {back}" if back else ""
    headers = {
        "Cache-Control": "no-store",
        "Content-Language": lang,
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'{target}; frame-ancestors 'none'; base-uri 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    return HTMLResponse(body, status, headers)


def _origin(url: str) -> str:
    """Where the form's answer leads on to: browsers hold redirects to the policy too."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
