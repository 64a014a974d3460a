"""Settings with which every platform is served, and none can be reached: for tests that knock at all doors. Secrets are made up."""

import os
from typing import Any
from unittest.mock import patch

from services.kit.settings import Settings

NOBODY = "http://127.0.0.1:9"
PLATFORMS: dict[str, str] = {
    "alexa_skill_ids": '["amzn1.ask.skill.made-up"]',
    "dialogflow_audience": "https://outages.example/voice/v1/dialogflow",
    "dialogflow_callers": '["service-1@example.iam.gserviceaccount.com"]',
    "dialogflow_issuer": NOBODY,
    "dialogflow_jwks_url": f"{NOBODY}/keys",
    "twilio_auth_token": "made-up-token",
    "messenger_app_secret": "made-up-secret",
    "messenger_verify_token": "made-up-word",
    "messenger_page_token": "made-up-page-token",
    "messenger_url": NOBODY,
}


def environment() -> dict[str, str]:
    """They, as variables."""
    return {f"SURGECAST_{name.upper()}": value for name, value in PLATFORMS.items()}


def settings(**more: Any) -> dict[str, Any]:
    """They, and `more`, as arguments of `Settings`."""
    with patch.dict(os.environ, environment()):
        read = Settings(_env_file=None)
    return {name: getattr(read, name) for name in PLATFORMS} | more
