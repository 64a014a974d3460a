"""`surgecast areas`: load, list, check and use, against a Redis."""

import json
from pathlib import Path

import pytest

from services.cli import areas
from services.cli.failure import Failure
from services.ingest.areas.boundaries import Columns
from services.kit.settings import Settings
from tests.unit.ingest.test_boundaries import feature, square


def file(folder: Path, name: str, *features: object) -> Path:
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_layers_are_loaded_listed_checked_and_chosen(redis_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(journal_url=redis_url)
    wards = file(tmp_path, "wards.geojson", feature("n", square(0), name_en="North", name_fr="Nord"), feature("s", square(1), name_en="South", name_fr="Sud"))
    postal = file(tmp_path, "fsa.geojson", feature("K1A", square(0.1, 0.1, 0.5)))
    with pytest.raises(Failure, match="No areas are loaded"):
        areas.check(settings, [], "area", Columns(), False)
    areas.load(settings, [wards], "ward", Columns(), False)
    areas.load(settings, [postal], "fsa", Columns(), False)
    said = capsys.readouterr().out
    assert "Loaded 2 areas of the kind ward. Outages are counted by ward." in said
    assert "Areas of the kind fsa lead to those that they lie in" in said
    areas.show(settings, "")
    said = capsys.readouterr().out
    assert all(word in said for word in ("North", "Nord", "K1A", "3 areas; revision 2-"))
    assert areas.check(settings, [], "area", Columns(), False) == 1
    assert "fsa: 1 of 1 areas have no French name" in capsys.readouterr().out
    areas.use(settings, ["fsa"])
    assert "Outages are counted by fsa." in capsys.readouterr().out
    with pytest.raises(Failure, match="no areas of the kind county"):
        areas.use(settings, ["county"])
    areas.load_demo(settings)
    assert "nothing was changed" in capsys.readouterr().out


def test_a_broken_file_changes_nothing_and_names_the_feature(redis_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(journal_url=redis_url, area_file_max_bytes=5_000)
    areas.load(settings, [file(tmp_path, "wards.geojson", feature("n", name="North"))], "ward", Columns(), False)
    broken = file(tmp_path, "broken.geojson", feature("n", name="North"), feature("x", [[[0, 0]]]))
    with pytest.raises(Failure, match=r"broken\.geojson: feature 1 \(x\): geometry"):
        areas.load(settings, [broken], "ward", Columns(), False)
    with pytest.raises(Failure, match="there is a ward with this id"):
        areas.load(settings, [file(tmp_path, "fsa.geojson", feature("n"))], "fsa", Columns(), False)
    large = file(tmp_path, "large.geojson", *(feature(number, name="x" * 100) for number in range(100)))
    with pytest.raises(Failure, match="SURGECAST_AREA_FILE_MAX_BYTES"):
        areas.load(settings, [large], "ward", Columns(), False)
    capsys.readouterr()
    areas.show(settings, "ward")
    assert "1 areas; revision 1-" in capsys.readouterr().out
