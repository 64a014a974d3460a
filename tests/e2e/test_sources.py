"""A source that is polled, goes quiet and comes back: seen from outside, in every output and both languages."""

import os
import subprocess
import sys
from pathlib import Path

from tests.simulators.outage_source import Fault, feature, outage_source
from tests.tree import ROOT, Tree, load, running_tree, wait_until

FILE = """
[[source]]
name = "hydro-x"
url = "{url}"
format = "geojson"
interval = 1
jitter = 0
stale_after = 4
headers = {{ X-Key = "${{HYDRO_KEY}}" }}
label = {{ en = "Hydro Ex", fr = "Hydro Ixe" }}
"""
QUICK = {"SURGECAST_HEARTBEAT_S": "1", "SURGECAST_SOURCES_RING_S": "0.5", "SURGECAST_SOURCES_BACKOFF_S": "1", "SURGECAST_SOURCES_OPEN_S": "2"}
SAID = {"en": "Information from Hydro Ex has not been updated since", "fr": "pour Hydro Ixe."}


def sources(tree: Tree, environment: dict[str, str], *words: str) -> str:
    """What `surgecast sources` says."""
    env = {**os.environ, **environment, "SURGECAST_DATA": str(tree.data), "PORT": tree.url.rpartition(":")[2], "COLUMNS": "300"}
    done = subprocess.run([sys.executable, "-m", "services", "sources", *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr


def told(tree: Tree) -> dict[str, bool]:
    """Which outputs say that the source is silent."""
    asked = {"en": tree.ask("how many are out")["answer"], "fr": tree.ask("combien de clients sont en panne", "fr-CA")["answer"]}
    return {
        **{f"page {lang}": SAID[lang] in tree.get(f"/{lang}/").text for lang in SAID},
        **{f"area {lang}": SAID[lang] in tree.get(f"/{lang}/areas/K2G").text for lang in SAID},
        **{f"voice {lang}": SAID[lang] in asked[lang] for lang in SAID},
        "summary": [silent["source"] for silent in load(tree.get("/feeds/v1/en/summary.json"))["stale_sources"]] == ["hydro-x"],
        "map": bool(load(tree.get("/feeds/v1/en/outages.geojson"))["stale_sources"]),
        "feed": "sc:stale_source" in tree.get("/feeds/v1/fr/atom.xml").text,
        "metric": "surgecast_sources_stale 1.0" in tree.get("/metrics").text,
    }


def test_a_polled_source_that_goes_quiet_is_shown_as_stale_everywhere_and_recovers(tmp_path: Path) -> None:
    with outage_source(features=[feature("a", 120)]) as source:
        file = tmp_path / "sources.toml"
        file.write_text(FILE.format(url=source.url))
        environment = {**QUICK, "SURGECAST_SOURCES": str(file), "HYDRO_KEY": "secret"}
        with running_tree(tmp_path, **environment) as tree:
            wait_until(lambda: load(tree.get("/feeds/v1/en/summary.json"))["customers_affected"] == 120, 20, "the picture is shown")
            assert not any(told(tree).values())
            assert source.asked[-1]["x-key"] == "secret"
            source.features.append(feature("b", 30))
            assert "hydro-x: taken." in sources(tree, environment, "poll", "hydro-x")
            wait_until(lambda: load(tree.get("/feeds/v1/en/summary.json"))["customers_affected"] == 150, 20, "what it polled is shown")

            source.fault = Fault.DOWN
            wait_until(lambda: all(told(tree).values()), 30, "every output says that the source is silent")
            listed = sources(tree, environment)
            assert "(stale)" in listed
            assert "answers 500" in listed
            assert "secret" not in listed

            source.fault = None
            wait_until(lambda: not any(told(tree).values()), 30, "no output says so any more")
            log = (tree.data / "logs" / "relay.log").read_text()
            assert (log.count("sources.silenced"), log.count("sources.resumed")) == (1, 1)
