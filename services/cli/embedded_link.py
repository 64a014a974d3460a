"""Finds the Redis of a running `surgecast up`, for the commands that need it: it listens on another port after each start."""

import re
from pathlib import Path

from services.cli.embedded_redis import CONFIG_NAME
from services.kit.settings import Settings

FOLDER = "redis"
"""The embedded server's own folder, in the data folder."""


def with_journal(settings: Settings) -> Settings:
    """`settings`, with the URL of the embedded Redis where no other is named and the data folder has one."""
    if "journal_url" in settings.model_fields_set:
        return settings
    url = _embedded_url(settings.data / FOLDER / CONFIG_NAME)
    return settings.model_copy(update={"journal_url": url}) if url else settings


def _embedded_url(config: Path) -> str | None:
    try:
        text = config.read_text()
    except OSError:
        return None
    port, password = (re.search(rf"^{name} (\S+)$", text, re.MULTILINE) for name in ("port", "requirepass"))
    return f"redis://:{password[1]}@127.0.0.1:{port[1]}/0" if port and password else None
