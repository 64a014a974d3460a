"""The flows of a folder, read and looked through before anybody is led anywhere."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
import yaml

from services.kit.yaml_text import plain
from services.voice.flows.flow import NAME, Flow, faults

FOLDER = Path(__file__).parent


class FlowError(ValueError):
    """Flows that can't be used: what is wrong, and where."""


@cache
def library(folder: Path = FOLDER) -> Mapping[str, Flow]:
    """The flows in `folder`, one a file, by their files' names. Raises `FlowError` with all that is wrong with them."""
    flows, wrong = {}, []
    for path in sorted(folder.glob("*.yaml")):
        try:
            flows[path.stem] = msgspec.convert(plain(path.read_bytes()), Flow)
        except (yaml.YAMLError, msgspec.ValidationError) as error:
            wrong.append(f"{path.stem}: {error}")
        if not NAME.fullmatch(path.stem):
            wrong.append(f"{path.stem}: name the file in at most 40 letters, digits and _")
    if wrong or (wrong := faults(flows)):
        raise FlowError(f"{folder} has flows that can't be used.\n" + "\n".join(wrong))
    return flows
