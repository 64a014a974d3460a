"""Areas in a running tree: the demo's are there from the start, and another catalogue is taken over without a restart."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx

from tests.tree import ROOT, Tree, load, running_tree, wait_until


def send(tree: Tree, outage: str, longitude: float, latitude: float) -> str:
    event = {"event_id": outage, "outage_id": outage, "occurred_at": "2026-01-01T12:00:00Z", "status": "active", "customers_affected": 120}
    body = {**event, "geometry": {"type": "Point", "coordinates": [longitude, latitude]}}
    answer = httpx.post(tree.url + "/ingest/v1/events", json=body, headers={"Authorization": f"Bearer {tree.key}"}, timeout=30)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["position"])


def named(tree: Tree, lang: str, position: str) -> dict[str, str]:
    def shown() -> dict[str, str] | None:
        summary = load(tree.get(f"/feeds/v1/{lang}/summary.json"))
        late = summary["position"] != position or tree.ask("how many are out")["position"] != position
        return None if late else {area["id"]: area["name"] for area in summary["areas"]}

    return dict(wait_until(shown, 20, f"the summary at {position}"))


def test_an_outage_finds_its_area_in_both_languages_and_by_another_catalogue_after_a_load(tmp_path: Path) -> None:
    with running_tree(tmp_path, SURGECAST_AREA_CHECK_S="0.1") as tree:
        position = send(tree, "o1", -75.895, 45.30)
        assert named(tree, "en", position) == {"Anse-aux-Bouleaux": "Birch Cove"}
        assert named(tree, "fr", position) == {"Anse-aux-Bouleaux": "Anse-aux-Bouleaux"}
        assert "120" in tree.ask("is the power out in Birch Cove")["answer"]
        french = tree.ask("y a-t-il une panne à Birch Cove", "fr-CA")["answer"]
        assert "Anse-aux-Bouleaux" in french
        assert "120" in french
        quiet = "We know of no outage in Old Quarry"
        assert tree.ask("is the power out in Old Quarry")["answer"].startswith(quiet)

        square = [[[-64, 44], [-63, 44], [-63, 45], [-64, 45], [-64, 44]]]
        properties = {"name": "Harbourside", "nom": "Bord-du-Havre", "aliases": ["B3H"]}
        boundaries = {"type": "Feature", "id": "w1", "properties": properties, "geometry": {"type": "Polygon", "coordinates": square}}
        file = tmp_path / "wards.geojson"
        file.write_text(json.dumps({"type": "FeatureCollection", "features": [boundaries]}))
        assert named(tree, "en", send(tree, "o2", -63.6, 44.6)).keys() == {"Anse-aux-Bouleaux", "unplaced"}
        argv = [sys.executable, "-m", "services", "areas", "load", str(file), "--kind", "neighbourhood"]
        done = subprocess.run(argv, cwd=ROOT, env={**os.environ, "SURGECAST_DATA": str(tree.data)}, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode, "Loaded 1 areas" in done.stdout) == (0, True), done.stderr

        def placed() -> bool:
            placed.tries += 1  # type: ignore[attr-defined]
            return "w1" in named(tree, "en", send(tree, f"n{placed.tries}", -63.6, 44.6))  # type: ignore[attr-defined]

        placed.tries = 0  # type: ignore[attr-defined]
        wait_until(placed, 20, "ingest places by the new catalogue")
        wait_until(lambda: "Bord-du-Havre" in tree.ask("y a-t-il une panne à B3H 1A1", "fr-CA")["answer"], 20, "voice knows it by its postal code")
        wait_until(lambda: not tree.ask("is the power out in Old Quarry")["answer"].startswith(quiet), 20, "voice has let the others go")
