"""Puts together the accounts on each service, as the settings and the file of accounts name them. A library is loaded only where it is needed."""

from typing import TYPE_CHECKING, NamedTuple

from services.adapters.accounts_file import (
    AccountsError,
    AnyAccount,
    AppriseAccount,
    BlueskyAccount,
    FacebookAccount,
    Fault,
    MastodonAccount,
    WebhookAccount,
    XAccount,
    read,
)
from services.kernel.accounts import EVERYTHING, Scope, Service
from services.kernel.planning.tiers import OwnTerms, Terms, Tier, X
from services.kernel.ports.social import SocialFeed
from services.kit import metrics
from services.kit.clock import SystemClock
from services.kit.logs import log
from services.kit.settings import Settings
from services.wire import SOCIAL, Channel

if TYPE_CHECKING:
    from services.adapters.pager_apprise import ApprisePager

CHANNEL = {Service.X: Channel.SOCIAL} | {service: Channel(service.value) for service in Service if service is not Service.X}


class Speaker(NamedTuple):
    """One account."""

    account: str
    """Its name in ledger and memory."""
    feed: SocialFeed | None
    """None: a dry run."""
    scope: Scope
    terms: Terms


_WHAT_TO_DO = "mend it and start anew: until then nothing is posted to it; `surgecast doctor` looks at all of them"


def active(settings: Settings) -> list[Channel]:
    """The channels that have anything to do: for the others nothing falls due, and nobody rings. Accounts that can't be used hold up none of them."""
    spoken = {Channel.SOCIAL}  # X is there as a dry run, too
    try:
        accounts, faults = read(settings.accounts)
        spoken.update(CHANNEL[account.service] for account in accounts)
    except AccountsError as error:
        faults = [Fault("", str(error))]
    for fault in faults:
        log.error("social.account_left_out", service=fault.service, reason=fault.why, what_to_do=_WHAT_TO_DO)
    for service in (*Service, ""):
        _tell(service, sum(fault.service == service for fault in faults))
    return [channel for channel in Channel if (channel not in SOCIAL or channel in spoken) and (channel is not Channel.NOTICES or settings.notices_can_be_sent)]


def speakers(channel: Channel, settings: Settings) -> list[Speaker]:
    """The accounts of `channel` that can be used. The others are told, and are left out: one bad account silences no other."""
    found, faults = survey(settings, channel)
    for fault in faults:
        log.error("social.account_left_out", service=fault.service, reason=fault.why, what_to_do=_WHAT_TO_DO)
    _tell(next(service for service, its in CHANNEL.items() if its is channel), len(faults))
    return found


def survey(settings: Settings, channel: Channel) -> tuple[list[Speaker], list[Fault]]:
    """The accounts of `channel`, and what is wrong with those that can't be used."""
    try:
        accounts, faults = read(settings.accounts)
    except AccountsError as error:
        accounts, faults = [], [Fault("", str(error))]
    known = {service.value for service, its in CHANNEL.items() if its is channel}
    faults = [fault for fault in faults if fault.service in known or not fault.service]
    ours = [account for account in accounts if CHANNEL[account.service] is channel]
    found: list[Speaker] = []
    if channel is Channel.SOCIAL:
        try:
            found += _of_settings(settings, alone=not ours and not any(fault.service == Service.X for fault in faults))
        except AccountsError as error:
            faults.append(Fault(Service.X, str(error)))
    for account in ours:
        try:
            found.append(Speaker(account.name, _feed(account, settings), account.scope, account.terms))
        except AccountsError as error:
            faults.append(Fault(account.service, str(error)))
    return found, faults


def _tell(service: str, count: int) -> None:
    metrics.ACCOUNTS_LEFT_OUT.labels(service or "unknown").set(count)


def terms(settings: Settings) -> list[tuple[Channel, str, Terms]]:
    """What each account may post, without its secrets: channel, name, terms. Raises `AccountsError`."""
    accounts, faults = read(settings.accounts)
    found = [(CHANNEL[account.service], account.name, account.terms) for account in accounts]
    others = any(channel is Channel.SOCIAL for channel, _, _ in found) or any(fault.service == Service.X for fault in faults)
    own = [] if settings.x_credentials is None and others else [(Channel.SOCIAL, _own_name(settings), _own_terms(settings))]
    return [*own, *found]


def pager(settings: Settings) -> "tuple[ApprisePager | None, list[str]]":
    """Who calls the people that posts wait for, and what is wrong with addresses that can't be used; None where there is no address."""
    urls = settings.approval_notify.get_secret_value().split()
    if not urls:
        return None, []
    from services.adapters.pager_apprise import ApprisePager

    made = ApprisePager(urls, settings.utility_name, settings.social_timeout_s, SystemClock())
    return made, made.faults


def _feed(account: AnyAccount, settings: Settings) -> SocialFeed:
    timeout_s = settings.social_timeout_s
    try:
        match account:
            case XAccount():
                return _x(account, settings)
            case MastodonAccount():
                from services.adapters.social_mastodon import MastodonFeed

                return MastodonFeed(account.url, account.token.read(), timeout_s, account.visibility)
            case BlueskyAccount():
                from services.adapters.sessions_file import FileSession
                from services.adapters.social_bluesky import BlueskyFeed

                session = FileSession(settings.data / "sessions" / f"bluesky-{account.name}")
                return BlueskyFeed(account.url, account.handle, account.app_password.read(), timeout_s, session)
            case FacebookAccount():
                from services.adapters.social_facebook import FacebookFeed

                return FacebookFeed(account.url, account.version, account.page, account.token.read(), account.app_secret.read(), timeout_s, SystemClock())
            case WebhookAccount():
                from services.adapters.public_address import Reach
                from services.adapters.social_webhook import WebhookFeed

                reach, secrets = Reach(account.ports, account.networks, account.plain_http), [secret.read() for secret in account.secrets]
                return WebhookFeed(account.url, secrets, timeout_s, settings.webhook_max_bytes, SystemClock(), reach=reach)
            case AppriseAccount():
                from services.adapters.social_apprise import AppriseFeed

                return AppriseFeed(account.target.read(), settings.utility_name, timeout_s)
    except (ValueError, ImportError) as error:
        raise AccountsError(f"the {account.service} account {account.name}: {error}") from None
    except Exception as error:  # whatever a library makes of what it is given: its words could have a secret in them
        raise AccountsError(f"the {account.service} account {account.name}: {type(error).__name__} where its client was made") from None


def _x(account: XAccount, settings: Settings) -> SocialFeed:
    from services.adapters.social_x import XFeed

    if account.refresh_token is None:
        key, secret, token, token_secret = (one.read() for one in account.keys if one is not None)
        return XFeed(settings.x_api_url, (key, secret, token, token_secret), settings.x_timeout_s)
    from services.adapters.sessions_file import FileSession
    from services.adapters.x_tokens import XTokens

    client = account.client_id, account.client_secret.read() if account.client_secret is not None else ""
    kept = FileSession(settings.data / "sessions" / f"x-{account.name}")
    tokens = XTokens(settings.x_api_url, client, account.refresh_token.read(), settings.x_token_timeout_s, kept, SystemClock())
    return XFeed(settings.x_api_url, tokens, settings.x_timeout_s)


def _of_settings(settings: Settings, *, alone: bool) -> list[Speaker]:
    """The account that the SURGECAST_X_ settings name. A dry run, where it is `alone`, has its own name, so that going live begins with first reports."""
    name, own = _own_name(settings), _own_terms(settings)
    if settings.x_credentials is None:
        return [Speaker(name, None, EVERYTHING, own)] if alone else []
    from services.adapters.social_x import XFeed

    return [Speaker(name, XFeed(settings.x_api_url, settings.x_credentials, settings.x_timeout_s), EVERYTHING, own)]


def _own_name(settings: Settings) -> str:
    return settings.x_account if settings.x_credentials else f"{settings.x_account}-dry-run"


def _own_terms(settings: Settings) -> Terms:
    try:
        return OwnTerms(money_per_month=settings.x_money_per_month).instead_of(X[Tier(settings.x_tier)])
    except ValueError:
        raise AccountsError(f"SURGECAST_X_MONEY_PER_MONTH limits nothing: a post of the tier {settings.x_tier} costs nothing") from None
