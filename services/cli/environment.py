"""The settings of a command, as its environment has them. Imports what it needs when it is asked, so that help is instant."""

import os
from typing import TYPE_CHECKING

from services.cli.failure import Failure

if TYPE_CHECKING:
    from services.kit.settings import Settings


def settings() -> "Settings":
    """The settings. Raises `Failure` where one is wrong."""
    from pydantic import ValidationError

    from services.kit.settings import Settings

    if port := os.environ.get("PORT"):  # as hosting platforms hand it out
        os.environ["SURGECAST_PORT"] = port
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"SURGECAST_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors())
        raise Failure(f"A setting is wrong. {wrong}. docs/settings.md lists them.") from None
