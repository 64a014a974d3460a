"""docs/settings.md says what the settings are."""

import os
from pathlib import Path

import pytest

from services.cli.settings_page import page
from services.kit.settings import Settings

DOCUMENT = Path(__file__).parents[3] / "docs" / "settings.md"


def test_the_document_is_what_the_settings_say() -> None:
    if os.environ.get("SURGECAST_REWRITE"):
        DOCUMENT.write_text(page())
    assert DOCUMENT.read_text() == page(), "run `make settings`"


def test_every_setting_of_its_own_is_described() -> None:
    undescribed = [name for name, field in Settings.model_fields.items() if not field.description and not name.startswith("x_")]
    assert not undescribed


@pytest.mark.parametrize("name", [name for name, field in Settings.model_fields.items() if field.annotation is float and name.endswith("_s")])
def test_a_limit_in_seconds_is_positive(name: str) -> None:
    assert Settings.model_fields[name].default >= 0
