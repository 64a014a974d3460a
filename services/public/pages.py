"""The few pages that answer what a reader typed: a search, and an address with nothing at it."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.kernel.messages import Lang, Wording
from services.public.find import Named


class ReplyPages:
    """Rendered on request: small, and free of outage facts, which stay in the documents that carry their position."""

    def __init__(self, wordings: Mapping[Lang, Wording]) -> None:
        self._wordings = wordings
        env = Environment(loader=PackageLoader("services.public"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        env.filters["segment"] = lambda text: quote(text, safe="")
        self._found, self._missing = env.get_template("found.html"), env.get_template("missing.html")

    def found(self, lang: Lang, text: str, areas: Sequence[Named]) -> bytes:
        """What a search for `text` came to, where it is not one area."""
        return self._found.render(lang=lang, say=self._wordings[lang].say, text=text, areas=areas).encode()

    def missing(self, langs: Sequence[Lang]) -> bytes:
        """Nothing at this address: in the language that the address names, or in every one."""
        return self._missing.render(lang=langs[0], voices=[(lang, self._wordings[lang].say) for lang in langs]).encode()
