"""The file of sources: read whole or not at all, and what is wrong with it is said where it is."""

from pathlib import Path

import pytest

from services.sources.config import ConfigError, load

GOOD = """
[[source]]
name = "hydro"
url = "https://outages.example/map.json?token=${TOKEN}"
format = "arcgis"
interval = 30
timeout = 10
pages = 4
stale_after = 600
headers = { Authorization = "Bearer ${SECRET}" }
label = { en = "Hydro", fr = "Hydro d'ici" }
"""


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(text)
    return path


def test_all_that_can_be_said_of_a_source(tmp_path: Path) -> None:
    found = load(file(tmp_path, GOOD), {"arcgis"}, {"TOKEN": "t", "SECRET": "s"})["hydro"]  # type: ignore[index]
    assert (found.url, found.headers) == ("https://outages.example/map.json?token=t", {"Authorization": "Bearer s"})
    assert (found.interval_s, found.jitter_s, found.timeout_s, found.pages, found.stale_after_s) == (30, 5, 10, 4, 600)
    assert found.labels == {"en": "Hydro", "fr": "Hydro d'ici"}
    assert load(file(tmp_path, GOOD), None, None)["hydro"].headers == {"Authorization": "Bearer ${SECRET}"}  # type: ignore[index]
    assert load(file(tmp_path, "")) == {}


WRONG = {
    "source 1: interval: Expected `float`, got `str`": GOOD.replace("interval = 30", 'interval = "30"'),
    "source 1: timeout: Expected `float` <= 60.0": GOOD.replace("timeout = 10", "timeout = 61"),
    "contains unknown field `intervall`": GOOD.replace("interval", "intervall"),
    "missing required field `url`": GOOD.replace("url", "# url"),
    "source 1 (hydro): url: the environment variable NOT_SET is not set": GOOD.replace("${TOKEN}", "${NOT_SET}"),
    "source 1 (hydro): format: 'odd' is none; there are arcgis": GOOD.replace('"arcgis"', '"odd"'),
    "source 1 (Hydro One): source: 'Hydro One' is not a name": GOOD.replace('"hydro"', '"Hydro One"'),
    "source 2 (hydro): name: another source has it already": GOOD + GOOD,
    "label: 'de' is no language of ours": GOOD.replace("en =", "de ="),
    "is not TOML": "[[source",
}


@pytest.mark.parametrize("said", WRONG)
def test_a_mistake_is_said_where_it_is(tmp_path: Path, said: str) -> None:
    path = file(tmp_path, WRONG[said])
    with pytest.raises(ConfigError) as error:
        load(path, {"arcgis"}, {"TOKEN": "t", "SECRET": "s"})
    assert said in str(error.value)
    assert str(path) in str(error.value)


def test_pages_are_for_arcgis_only_and_a_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="only arcgis"):
        load(file(tmp_path, GOOD.replace('"arcgis"', '"kubra"')), None, None)
    with pytest.raises(ConfigError, match="can't be read"):
        load(tmp_path / "none.toml")
