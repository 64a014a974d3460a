"""What is published in contracts/ is what the code does. `SURGECAST_REWRITE=1` writes the files anew."""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from services.adapters import webhook_message
from services.ingest import contract
from services.kernel.events import decode_event
from services.kit.settings import Settings
from services.public import contract as public
from services.voice import contract as voice
from tests.contract.ingest_door import door_over, event

FOLDER = Path(__file__).resolve().parents[2] / "contracts"


def served() -> dict[str, Any]:
    with door_over("memory") as door:
        return door.run(door.client.get("/openapi.json")).json()


MADE = {
    "event-v1.schema.json": contract.event_schema,
    "webhook-v1.schema.json": webhook_message.schema,
    "openapi-ingest.json": served,
    "openapi-voice.json": lambda: voice.openapi(Settings(_env_file=None)),
    "openapi-public.json": lambda: public.openapi(Settings(_env_file=None)),
}


@pytest.mark.parametrize(("name", "made"), MADE.items(), ids=MADE)
def test_published_file_says_what_the_code_says(name: str, made: Any) -> None:
    now, path = json.dumps(made(), indent=2, sort_keys=True, ensure_ascii=False) + "\n", FOLDER / name
    if os.environ.get("SURGECAST_REWRITE"):
        path.write_text(now, "utf-8")
    assert path.read_text("utf-8") == now, f"contracts/{name} is not what the code says: run with SURGECAST_REWRITE=1, and read the difference"


def test_each_field_of_an_event_is_described() -> None:
    properties = contract.event_schema()["properties"]
    assert properties.keys() == contract.FIELDS.keys()
    assert all(shape["description"] for shape in properties.values())


FULL = event(
    1, planned=True, cause="planned", crew="on_site", started_at="2024-11-20T08:00:00-05:00", estimated_restoration=None,
    areas=["K2G"], devices=["feeder:7F12"],
    geometry={"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}, note={"en": "Pole down.", "fr": "Poteau tombé."}, sequence=4,
)  # fmt: skip
BAD = [{"status": "clearing"}, {"cause": "x"}, {"customers_affected": -1}, {"unknown": 1}, {"outage_id": ""}, {"areas": "K2G"}, {"geometry": {"type": "Point"}}]


@pytest.mark.parametrize("good", [event(1), FULL, event(1, crew=None, geometry=None)])
def test_schema_and_code_take_the_same_good_events(good: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(contract.event_schema()).validate(good)
    decode_event(json.dumps(good).encode())


@pytest.mark.parametrize("change", BAD)
def test_schema_and_service_refuse_the_same_bad_events(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(contract.event_schema()).validate(event(1, **change))
    with door_over("memory") as door:
        assert door.events(event(1, **change)).status_code == 422


def test_answers_fit_the_published_description() -> None:
    described = served()
    with door_over("memory") as door:
        answers = [
            door.events({"events": [event(1), event(2, status="x")]}),
            door.events(event(3, status="x")),
            door.picture([]),
            door.picture([], format_name="dxf"),
        ]
    for answer in answers:
        name = "Answered" if answer.status_code == 202 else "Problem"
        jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": described["components"]}).validate(answer.json())


@pytest.mark.parametrize("name", [name for name in MADE if name.startswith("openapi")])
def test_each_reference_of_the_description_leads_somewhere(name: str) -> None:
    described = MADE[name]()
    wanted = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            wanted.update([value["$ref"]] if "$ref" in value else [])
            wanted.update(value.get("discriminator", {}).get("mapping", {}).values())
            [walk(member) for member in value.values()]
        elif isinstance(value, list):
            [walk(member) for member in value]

    walk(described)
    assert wanted <= {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
