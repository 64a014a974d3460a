"""Tables of formats: ours, and an operator's laid over them."""

from pathlib import Path

import pytest

from services.cli.doctor.finding import Verdict
from services.cli.doctor.machine import _mappings
from services.cli.failure import Failure
from services.cli.serving import ingest
from services.ingest.formats import FORMATS, MappingError, formats
from services.kernel.events import Cause, Crew
from services.kit.settings import Settings
from tests.unit.ingest.formats_read import LIMITS

OURS = """
[arcgis.fields]
outage_id = "Incident.Number"
customers_affected = ["Meters", "Customers"]

[arcgis.causes]
STORM = "other"
GREMLINS = "animal"

[arcgis.crews]
"Sur place" = "on_site"

[arcgis.areas]
OTT = { id = "K2G", name = "Nepean" }
GAT = "Gatineau"

[arcgis.conventions]
time_zone = "America/Los_Angeles"
time_patterns = ["%d/%m/%Y %H:%M"]

[pge.cause_words]
Weather = "other"

[city-list]
like = "csv"

[city-list.fields]
outage_id = "Panne"
customers_affected = "Clients"
"""


def told(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "tables.toml"
    path.write_text(text, "utf-8")
    return path


def test_an_operators_words_are_laid_over_ours(tmp_path: Path) -> None:
    known = formats(told(tmp_path, OURS))
    record = b"""[{"Incident": {"Number": 7}, "Customers": 3, "OUTAGE_CAUSE": "GREMLINS", "CREW_CURRENT_STATUS": "Sur place", "CITY": "OTT",
                   "OUTAGE_START": "21/09/2018 14:04", "OUTAGE_DEVICE_ID": "9"},
                  {"Incident.Number": 8, "OUTAGE_CAUSE": "STORM", "CREW_CURRENT_STATUS": "Crew On Site", "CITY": "GAT"}]"""
    first, second = known["arcgis"].read(record, LIMITS).conditions.values()
    assert (first.outage_id, first.customers_affected, first.cause, first.crew, first.areas) == ("7", 3, Cause.ANIMAL, Crew.ON_SITE, ("K2G",))
    assert (str(first.started_at), first.devices) == ("2018-09-21 21:04:00+00:00", ("device:9",))
    assert (second.cause, second.crew, second.areas) == (Cause.OTHER, Crew.ON_SITE, ("gatineau",)), "what isn't overlaid stays"
    assert known["arcgis"].read(record, LIMITS).area_names == {"K2G": "Nepean", "gatineau": "Gatineau"}
    (weather,) = known["pge"].read(b'[{"outageNumber": "1", "cause": "bad weather and a car "}]', LIMITS).conditions.values()
    assert weather.cause is Cause.OTHER, "an operator's words are looked for first"


def test_a_table_of_its_own_makes_a_format(tmp_path: Path) -> None:
    known = formats(told(tmp_path, OURS))
    assert known.keys() - FORMATS.keys() == {"city-list"}
    assert known["city-list"].media_types == ("text/csv",)
    assert [one.customers_affected for one in known["city-list"].read(b"Panne;Clients\n7;5\n", LIMITS).conditions.values()] == [5]


@pytest.mark.parametrize(("text", "words"), [
    ('[arcgis.causes]\nSTORM = "wether"', "arcgis.causes.STORM: must be one of weather, .*'wether'"),
    ('[arcgis.crews]\nX = 3', "arcgis.crews.X: must be one of pending"),
    ('[odin.statuses]\nX = "clearing"', "odin.statuses.X: must be one of active, restored, cancelled"),
    ('[arcgis.fields]\ncustomer = "X"', "arcgis.fields.customer: there is no such field; there are outage_id"),
    ("[arcgis.fields]\noutage_id = [3]", "arcgis.fields.outage_id: Expected `str`"),
    ('[arcgis.fields]\ncrew = [""]', "arcgis.fields.crew: a field's name must not be empty"),
    ("[arcgis.fields]\noutage_id = []", "arcgis.fields.outage_id: needs at least one name"),
    ('[arcgis.cause]\nX = "fire"', "arcgis.cause: there is no such table"),
    ("[arcgis]\ncauses = 3", "arcgis.causes: must be a table"),
    ('[arcgis.areas]\nX = { id = "<b>" }', "arcgis.areas.X: an id has letters"),
    ('[arcgis.conventions]\ntime_zone = "Mars/Olympus"', "arcgis.conventions.time_zone: there is no time zone Mars/Olympus"),
    ('[arcgis.conventions]\ntime_unit = "days"', "arcgis.conventions.time_unit: Invalid enum value 'days'"),
    ('[csv.conventions]\ndelimiter = ", "', "csv.conventions.delimiter: must be one character"),
    ('[csv.conventions]\ncolour = 1', "csv.conventions.colour: .*unknown field"),
    ("[acme.fields]\n", "acme: there is no such format. To make one, add like ="),
    ('[acme]\nlike = "klingon"', "acme: there is no such format"),
    ('[geojson.fields]\noutage_id = "X"', "geojson: geojson has no table"),
    ('["A b"]\nlike = "csv"', "A b: .*a format's name has"),
    ("arcgis = 3", "arcgis: must be a table"),
    ("[arcgis", "can't be read"),
])  # fmt: skip
def test_what_is_wrong_is_told_by_file_table_and_key(tmp_path: Path, text: str, words: str) -> None:
    path = told(tmp_path, text)
    with pytest.raises(MappingError, match=words) as error:
        formats(path)
    assert str(path) in str(error.value)


def test_neither_ingest_nor_the_doctor_passes_over_a_wrong_table(tmp_path: Path) -> None:
    wrong = Settings(_env_file=None, ingest_mappings=told(tmp_path, '[pge.causes]\nX = "wet"'))
    with pytest.raises(Failure, match=r"SURGECAST_INGEST_MAPPINGS: .*pge\.causes\.X"):
        ingest(wrong, None, None)
    assert [finding.verdict for finding in _mappings(wrong)] == [Verdict.BROKEN]
    assert [finding.verdict for finding in _mappings(Settings(_env_file=None, ingest_mappings=told(tmp_path, OURS)))] == [Verdict.OK]
    assert not list(_mappings(Settings(_env_file=None)))


def test_what_the_manual_shows_can_be_used(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[3] / "docs" / "adapters.md").read_text("utf-8")
    known = formats(told(tmp_path, manual.split("```toml\n")[1].split("```")[0]))
    (outage,) = known["city-outages"].read(b"Incident No,Est. Customers,Cause,Start\n7,5,A squirrel,21/09/2018 17:04\n", LIMITS).conditions.values()
    assert (outage.customers_affected, outage.cause, str(outage.started_at)) == (5, Cause.ANIMAL, "2018-09-21 21:04:00+00:00")
    assert all(f"`{name}`" in manual for name in FORMATS)
