"""The manifest: what the rendered public side as a whole reflects. It never goes back."""

import msgspec

from services.kernel.ports.failures import Overtaken
from services.kernel.views import Stamp, position_order


def stamp_in(manifest: bytes | None) -> Stamp | None:
    """What a manifest says; None where there is none, or it can't be read."""
    try:
        return msgspec.json.decode(manifest, type=Stamp) if manifest else None
    except msgspec.MsgspecError:
        return None


def refuse_older(stamp: Stamp, shown: Stamp | None) -> None:
    """Raises `Overtaken`, saying what to do, where what is shown reflects more than `stamp`."""
    if shown is not None and position_order(stamp.position) < position_order(shown.position):
        raise Overtaken(
            f"The site shows position {shown.position}, later than {stamp.position}: its files stay, and get older. If this lasts, the journal was emptied or"
            " replaced by an older one: restore it, or send new events, which pass that position at once."
        )
