"""Which file of the site an address asks for."""

from services.kernel.messages import LANGS
from services.wire import SITE_ASSETS, site_area_page, site_feed, site_page

ROUTES = ("page", "area page", "feed", "asset")
"""What is asked for, as the metrics label it."""


def site_file(path: str) -> tuple[str, str] | None:
    """The site's path and the route's name for a decoded URL path; None for an address that no file answers.

    Whatever stands in a segment stays one segment: the store spells it safely, so `..` is a name that no file has.
    """
    match path.split("/"):
        case ["", lang, ""] if lang in LANGS:
            return site_page(lang), "page"
        case ["", lang, "areas", area] if lang in LANGS and area:
            return site_area_page(lang, area), "area page"
        case ["", "feeds", "v1", lang, name] if lang in LANGS and name:
            return site_feed(lang, name), "feed"
        case ["", "feeds", "v1", lang, "areas", name] if lang in LANGS and name:
            return site_feed(lang, f"areas/{name}"), "feed"
        case ["", folder, name] if folder == SITE_ASSETS and name:
            return f"{SITE_ASSETS}/{name}", "asset"
    return None


def language_of(path: str) -> str | None:
    """The language that an address names, if it names one."""
    return next((part for part in path.split("/", 4)[:4] if part in LANGS), None)


def preferred(accept_language: str) -> str:
    """The language that a reader would rather have (RFC 9110, section 12.5.4): of equals the one named first, else English."""
    best, best_weight = LANGS[0], 0.0
    for item in accept_language.split(",")[:20]:
        name, _, parameters = item.strip().partition(";")
        lang, weight = name.strip().lower()[:2], _weight(parameters)
        if lang in LANGS and weight > best_weight:
            best, best_weight = next(known for known in LANGS if known == lang), weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
