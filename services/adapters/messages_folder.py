"""The operator's own wording: en.ftl and fr.ftl in the folder that SURGECAST_MESSAGES_FOLDER names. What can't be said is never said, and stops nothing."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from services.kernel.messages import LANGS, Lang, Wording, wordings
from services.kit.logs import log
from services.kit.settings import Settings

if TYPE_CHECKING:
    from services.kernel.own_words import Fault

BYTES_MAX = 1024 * 1024


def looked_through(folder: Path) -> tuple[dict[Lang, str], list["Fault"]]:
    """What can be said of the words in `folder`, and what is wrong with the rest. Never raises."""
    from services.kernel.own_words import Fault, taken  # only where there are any

    texts, faults = dict[Lang, str](), list[Fault]()
    for lang in LANGS:
        path = folder / f"{lang}.ftl"
        try:
            if path.stat().st_size > BYTES_MAX:
                faults.append(Fault(lang, 0, "", f"it is larger than {BYTES_MAX} bytes"))
                continue
            texts[lang] = path.read_text("utf-8-sig")
        except FileNotFoundError:
            continue
        except UnicodeDecodeError:
            faults.append(Fault(lang, 0, "", "it isn't UTF-8: save it with that encoding"))
        except OSError as error:
            faults.append(Fault(lang, 0, "", f"it can't be read: {error.strerror}"))
    if not texts and not faults:
        faults = [Fault(lang, 0, "", f"it isn't there, in {folder}") for lang in LANGS]
    found, wrong = taken(texts)
    return found, faults + wrong


def spoken_by(settings: Settings, *, spoken: bool = False) -> dict[Lang, Wording]:
    """How the utility of `settings` speaks, in words of its own where it has any."""
    own = _own(settings.messages_folder) if settings.messages_folder else None
    return wordings(settings.utility, settings.timezone, settings.outage_line, spoken=spoken, own=own, unsaid=_unsaid)


def _unsaid(why: str) -> None:
    log.error("messages.own_unsaid", why=why, effect="what comes along is said instead", what_to_do="mend that message, and start anew")


@cache
def _own(folder: Path) -> Mapping[Lang, str]:
    found, faults = looked_through(folder)
    for fault in faults:
        tell = log.error if fault.refused else log.warning
        tell("messages.own_refused" if fault.refused else "messages.own_doubtful", folder=str(folder), what=str(fault), what_to_do="surgecast messages check")
    return found
