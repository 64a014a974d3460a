"""The rules of the Canadian profile (CAP-CP, Public Safety Canada) beyond CAP 1.2, and CAP's own rules that no schema can say."""

from collections.abc import Iterator

from services.ingest.alerts.message import Alert

PROFILE = "profile:CAP-CP:"
EVENT = "profile:CAP-CP:Event:"
LOCATION = "profile:CAP-CP:Location:"
"""What the names begin with; the version follows."""

RECEIPTS = ("Ack", "Error")
"""Messages about messages: they tell of no event."""


def carries_profile(alert: Alert) -> bool:
    """Whether the sender says that the message keeps to CAP-CP."""
    return any(code.strip().startswith(PROFILE) for code in alert.codes)


def conditions_unmet(alert: Alert) -> Iterator[str]:
    """What CAP 1.2 asks for in words (section 3.2.1)."""
    if alert.scope == "Private" and not alert.addresses:
        yield "addresses: missing; a message of scope Private must name whom it is for"
    if alert.type in ("Update", "Cancel") and not alert.is_follow_up:
        yield f"references: missing; each {alert.type} must name the earlier messages that it is about, as sender,identifier,sent"


def faults_in(alert: Alert) -> Iterator[str]:
    """`path: what is wrong` by the rules of CAP-CP."""
    if not carries_profile(alert):
        yield f"code: missing {PROFILE}0.4: each message of the Canadian profile carries it (SURGECAST_INGEST_CAP_PROFILE=cap takes others)"
    if alert.type in RECEIPTS:
        return
    if not alert.infos:
        yield "info: missing; at least one is required, and one in each language is recommended"
    for at, info in enumerate(alert.infos):
        if not any(name.startswith(EVENT) and value for name, value in info.event_codes):
            yield f"info[{at}].eventCode: missing one with valueName {EVENT}0.4, such as electric"
        if set(info.event_codes) != set(alert.infos[0].event_codes):
            yield f"info[{at}].eventCode: must be the same as in info[0]: a message is about one event"
        if not info.areas:
            yield f"info[{at}].area: missing; at least one is required"
        for number, area in enumerate(info.areas):
            if not any(name.startswith(LOCATION) and value for name, value in area.geocodes):
                yield f"info[{at}].area[{number}].geocode: missing one with valueName {LOCATION}0.3 and a code of the SGC, such as 3506008"
