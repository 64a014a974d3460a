"""docs/settings.md, made from the settings themselves: `make settings` writes it, and a test holds the two together."""

import json
import sys
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from services.kit.settings import Settings

HEAD = """\
# Settings

Each is an environment variable with a safe default; a wrong value is named at start. Units are last in the names: `_S` is seconds.
Made from `services/kit/settings*.py` by `make settings`: change it there.

Besides these, `PORT` wins over `SURGECAST_PORT`, as hosting platforms expect.

| variable | default | what it is |
|---|---|---|
"""


def page() -> str:
    """The whole document."""
    return HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    return f"| `SURGECAST_{name.upper()}` | {_shown(field.default)} | {_escaped(field.description or 'see the one above')} |\n"


def _shown(default: object) -> str:
    if isinstance(default, SecretStr):
        return "empty; secret"
    if default is None or default == "":
        return "empty"
    if isinstance(default, tuple | dict):
        return f"`{json.dumps(default)}`"  # as it is written in the variable
    return f"`{default.as_posix() if isinstance(default, Path) else default}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
