"""What the machine itself must offer: Python, a folder to write in, a port, a time zone."""

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx

from services.cli.doctor.finding import Finding, attention, broken, ok
from services.cli.up.folder import KEY_NAME
from services.ingest.formats import MappingError, formats
from services.kit.settings import MIB, Settings

SPACE_NEEDED = 500 * MIB
"""The append-only file is rewritten at times, and then needs its size once more."""


def machine(settings: Settings, port: int) -> Iterator[Finding]:
    """Everything that can be seen without Redis or the ledger."""
    yield _python()
    yield _folder(settings)
    yield _time_zone(settings)
    yield from _origin(port)
    yield _demo_key(settings)
    yield from _mappings(settings)
    yield from _accounts(settings)
    yield _social(settings)
    yield from _maps(settings)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return ok("Python", found) if sys.version_info >= (3, 11) else broken("Python", f"{found} is too old. Install 3.11 or newer.")


def _folder(settings: Settings) -> Finding:
    folder = settings.data.resolve()
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        return broken("Data folder", f"{folder} can't be written. Give this user the right to, or name another folder in SURGECAST_DATA.")
    free = shutil.disk_usage(nearest).free
    if free < SPACE_NEEDED:
        return attention("Data folder", f"{folder} has {free // MIB:,} MiB left. Make room: at {SPACE_NEEDED // MIB} MiB or less, a storm may fill it.")
    if folder.exists() and folder.stat().st_mode & 0o077:
        return attention("Data folder", f"{folder} can be read by others, and holds keys. Run: chmod 700 {folder}")
    return ok("Data folder", f"{folder}, {free // MIB:,} MiB free{'' if folder.exists() else ' (made at the first start)'}")


def _time_zone(settings: Settings) -> Finding:
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return broken("Time zone", f"SURGECAST_TIMEZONE is {settings.timezone}, which is none. Use an IANA name such as America/Toronto.")
    return ok("Time zone", settings.timezone)


def _mappings(settings: Settings) -> Iterator[Finding]:
    """Only where an operator has tables of their own."""
    if settings.ingest_mappings is None:
        return
    try:
        known = formats(settings.ingest_mappings, settings.timezone)
    except MappingError as error:
        yield broken("Formats' tables", f"{error}. Ingest does not start until SURGECAST_INGEST_MAPPINGS is right; docs/adapters.md has what a table may say.")
    else:
        yield ok("Formats' tables", f"{settings.ingest_mappings} is laid over ours: {', '.join(known)}")


def _origin(port: int) -> Iterator[Finding]:
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex(("127.0.0.1", port)) != 0:
            yield ok("Origin", f"nothing runs on port {port}: it is free. `surgecast up` starts everything.")
            return
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=10, trust_env=False)
        state = answer.json()
        if state.get("service") not in ("origin", "public"):
            raise ValueError(state)
    except (httpx.HTTPError, ValueError, AttributeError):
        yield broken("Origin", f"something that isn't Surgecast listens on port {port}. Stop it, or name another port in PORT.")
        return
    reasons = state.get("reasons") or {}
    if state.get("ready"):
        yield ok("Origin", f"Surgecast runs on port {port}, and {'every service is given' if reasons else 'every part serves'}")
    tell = attention if state.get("ready") else broken  # another part does the same
    for part, why in reasons.items():
        yield tell(f"Part {part}", f"{why}. It is started again by itself; if this stays, read its log in the data folder's logs.")


def _demo_key(settings: Settings) -> Finding:
    path = settings.data / KEY_NAME
    if not path.exists():
        return ok("Demo key", "not made yet; `surgecast up` makes it at its first start")
    if path.stat().st_mode & 0o077:
        return attention("Demo key", f"{path} can be read by others. Run: chmod 600 {path}")
    return ok("Demo key", str(path))


def _accounts(settings: Settings) -> Iterator[Finding]:
    from services.adapters.social_build import CHANNEL, pager, survey

    found, faults = [], dict[str, None]()
    for service, channel in CHANNEL.items():
        usable, wrong = survey(settings, channel)
        found += [f"{service} {speaker.account}" for speaker in usable if speaker.feed is not None]
        faults |= dict.fromkeys(fault.why for fault in wrong)
    for why in faults:
        yield broken("Accounts", f"{why} (SURGECAST_ACCOUNTS names the file). Nothing is posted to it; the others go on.")
    for why in pager(settings)[1]:
        yield broken("Approvals", f"SURGECAST_APPROVAL_NOTIFY, {why}. Nobody is told by it that a post waits.")
    if settings.accounts is not None:
        yield ok("Accounts", f"{', '.join(found) or 'none'}: posts are sent")


def _maps(settings: Settings) -> Iterator[Finding]:
    if not settings.social_pictures or (settings.accounts is None and settings.x_credentials is None):
        return
    try:
        from services.fanout.pictures.lettering import Letters
        from services.fanout.pictures.undrawable import Undrawable
    except ImportError as error:
        yield attention("Maps", f"posts go without: {error.name} isn't installed. Install surgecast[social].")
        return
    try:
        Letters(settings.picture_font)
    except Undrawable as error:
        yield attention("Maps", f"posts go without: {error}.")
    else:
        yield ok("Maps", "one goes with each post whose area's shape is known (surgecast areas load)")


def _social(settings: Settings) -> Finding:
    names = ("x_consumer_key", "x_consumer_secret", "x_access_token", "x_access_token_secret")
    missing = [f"SURGECAST_{name.upper()}" for name in names if not getattr(settings, name).get_secret_value()]
    if not missing:
        return ok("Posts to X", "all four credentials are set: posts are sent")
    if len(missing) == len(names):
        return ok("Posts to X", "a dry run: posts are written down and not sent. Set the four SURGECAST_X_ credentials to send them.")
    return attention("Posts to X", f"a dry run, since {', '.join(missing)} is not set. Set all four credentials, or none.")
