"""Does every output of a tree agree with a picture, and with the others? Read as a customer reads: over HTTP only."""

import re
from collections import Counter
from typing import Any

from tests.storms import Expected
from tests.tree import Tree, load, wait_until

LANGS = ("en", "fr")


def settled(tree: Tree, position: str, timeout_s: float = 30) -> None:
    """Wait until every overall output, in both languages, and voice reflect `position`."""
    outputs = [f"/feeds/v1/{lang}/{name}" for lang in LANGS for name in ("summary.json", "outages.geojson", "atom.xml")] + [f"/{lang}/" for lang in LANGS]

    def behind() -> list[str]:
        late = [path for path in outputs if tree.position(path) != position]
        return late if tree.ask("how many customers are out?")["position"] == position else [*late, "voice"]

    wait_until(lambda: not behind(), timeout_s, f"every output at {position}; behind: {behind()}")


def check_summary(tree: Tree, want: Expected) -> dict[str, Any]:
    """The summaries of both languages carry the picture's totals, and the same facts."""
    english, french = (load(tree.get(f"/feeds/v1/{lang}/summary.json")) for lang in LANGS)
    if not want.cut_short:
        assert english["outages"] == want.outages
        assert english["customers_affected"] == want.customers
    else:
        assert english["outages"] >= want.outages
    facts = [
        {(area["id"], area["outages"], area["customers_affected"], area["estimated_restoration"]) for area in summary["areas"]} for summary in (english, french)
    ]
    assert facts[0] == facts[1], "English and French carry other facts"
    return dict(english)


def check_map(tree: Tree, want: Expected) -> list[dict[str, Any]]:
    """outages.geojson has exactly the picture's outages (at least them, where the page limit cut the picture short)."""
    collections = [load(tree.get(f"/feeds/v1/{lang}/outages.geojson")) for lang in LANGS]
    features = collections[0]["features"]
    if want.identified:
        shown = {f["properties"]["outage_id"]: (f["properties"]["customers_affected"], f["properties"].get("customers_masked", False)) for f in features}
        assert len(shown) == len(features), "an outage is on the map twice"
        wanted = {outage_id: (None if masked else bound, masked) for outage_id, (bound, masked) in want.identified.items()}
        missing, wrong = wanted.keys() - shown.keys(), {i: (wanted[i], shown[i]) for i in wanted.keys() & shown.keys() if wanted[i] != shown[i]}
        assert not missing, f"{len(missing)} outages of the picture are not on the map, e.g. {sorted(missing)[:3]}"
        assert not wrong, f"{len(wrong)} outages have other customers, e.g. {list(wrong.items())[:3]}"
        if not want.cut_short:
            assert shown.keys() == wanted.keys(), f"on the map but not in the picture: {sorted(shown.keys() - wanted.keys())[:3]}"
    else:
        shown_unnamed = Counter((*_start_place(f), f["properties"]["customers_affected"], f["properties"].get("customers_masked", False)) for f in features)
        wanted_unnamed: Counter[Any] = Counter()
        for (start, longitude, latitude, bound, masked), times in want.unnamed.items():
            wanted_unnamed[_instant(start), longitude, latitude, None if masked else bound, masked] += times
        assert shown_unnamed == wanted_unnamed
    english, french = ({f["id"]: f["properties"] for f in collection["features"]} for collection in collections)
    assert english.keys() == french.keys()
    return list(features)


def _start_place(feature: dict[str, Any]) -> tuple[Any, float, float]:
    longitude, latitude = feature["geometry"]["coordinates"]
    return _instant(feature["properties"]["started_at"]), longitude, latitude


def _instant(text: str) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text))


def check_areas(tree: Tree, want: Expected, summary: dict[str, Any], features: list[dict[str, Any]]) -> None:
    """Areas in the summary add up to the map's outages, area for area; area feeds, area pages and voice say the same."""
    by_area: Counter[str] = Counter(area for feature in features for area in (feature["properties"]["areas"] or ["unplaced"]))
    listed = {area["id"]: area for area in summary["areas"]}
    assert {area: data["outages"] for area, data in listed.items()} == dict(by_area)
    if want.areas and not want.cut_short:
        assert Counter({area["name"]: area["outages"] for area in summary["areas"]}) == want.areas
    for area in sorted(listed, key=lambda area: -listed[area]["customers_affected"])[:5]:
        for lang in LANGS:
            path = f"/feeds/v1/{lang}/areas/{area}.json"
            wait_until(lambda path=path: tree.position(path) == summary["position"], 15, f"{path} at {summary['position']}")  # type: ignore[misc]
            feed = load(tree.get(path))
            said, listed_as = (feed["outages"], feed["customers_affected"]), (listed[area]["outages"], listed[area]["customers_affected"])
            assert said == listed_as, f"{path}: {said}, but the summary lists {listed_as}"
            assert tree.get(f"/{lang}/areas/{area}").status_code == 200


def check_everything(tree: Tree, want: Expected, position: str) -> None:
    """All outputs agree with `want`, outage for outage, at one `position`."""
    settled(tree, position)
    summary = check_summary(tree, want)
    features = check_map(tree, want)
    check_areas(tree, want, summary, features)
    assert summary["position"] == position
    for lang in LANGS:
        page = tree.get(f"/{lang}/").text
        assert digits(page, summary["customers_affected"]), f"the {lang} page does not show {summary['customers_affected']} customers"
        assert digits(page, summary["outages"])
    assert summary["outages"] == len(features)


def digits(text: str, number: int) -> bool:
    """Whether `text` shows `number`, however its language groups the digits."""
    return str(number) in re.sub(r"(?<=\d)[,.\u00a0\u202f ](?=\d{3}(?!\d))", "", text)
