"""YAML that people wrote, as plain data."""

from typing import Any

import yaml

DEPTH_MAX = 100
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def plain(text: str | bytes) -> Any:
    """The data in `text`: only what YAML itself knows, no objects. Raises `yaml.YAMLError`.

    In C where there is a C library, which is ten times as fast but ends the process where data is nested too deeply: so that is refused first.
    """
    depth = 0
    for event in yaml.parse(text, _LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX:
            raise yaml.YAMLError(f"it is nested deeper than {DEPTH_MAX}")
    return yaml.load(text, _LOADER)  # noqa: S506 - it is a safe loader
