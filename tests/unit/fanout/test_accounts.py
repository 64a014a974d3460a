"""Several accounts: each with its own languages, areas and memory; and the file that names them."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.adapters.accounts_file import AccountsError, Secret, load
from services.adapters.announced_memory import MemoryAnnounced
from services.adapters.budgets_memory import MemoryBudgets
from services.adapters.drawer_memory import MemoryDrawer
from services.adapters.ledger_memory import MemoryLedger
from services.adapters.policy_file import PolicyError
from services.adapters.social_build import active, speakers, survey
from services.adapters.social_memory import MemoryFeed
from services.cli.doctor.finding import Verdict
from services.cli.doctor.machine import _maps, machine
from services.fanout.channel import Work
from services.fanout.main import Floor
from services.fanout.social import Accounts, Notes, SocialChannel, Voice
from services.kernel.accounts import Scope
from services.kernel.ids import AreaId
from services.kernel.planning.spending import Cost, Limit
from services.kernel.ports.social import Receipt, Reply
from services.kernel.views import Stamp
from services.kit import metrics
from services.kit.settings import Settings
from services.wire import SOCIAL, Channel
from tests.builders import event
from tests.unit.fanout.social_stage import LIVE, WORDINGS, Stage

KEYS = "consumer_key: {env: A}, consumer_secret: {env: A}, access_token: {env: A}, access_token_secret: {env: A}"


def file(folder: Path, text: str) -> Path:
    path = folder / "accounts.yaml"
    path.write_text(text)
    return path


class Utility(Stage):
    """Two accounts on one service: all of it in English, one town in French."""

    def restart(self, crash_at: int = 0) -> None:  # type: ignore[override]
        super().restart(crash_at)
        self.english, self.french = MemoryFeed(self.clock), MemoryFeed(self.clock)
        scopes = {"all": (self.english, Scope(languages=("en",))), "ville": (self.french, Scope(languages=("fr",), areas=frozenset({AreaId("K1A")})))}
        ledger = MemoryLedger()
        made = [
            SocialChannel(
                Voice(Channel.MASTODON, name, feed, scope),
                Notes(ledger, MemoryAnnounced(), MemoryDrawer(), MemoryBudgets((), 0.0, timedelta(days=1))),
                WORDINGS,
                self.settings,
                self.clock,
                self.policy,
            )
            for name, (feed, scope) in scopes.items()
        ]
        self.accounts = Accounts(Channel.MASTODON, made, timedelta(seconds=6), self.clock)

    def round(self, *areas: str) -> None:
        self.replica.catch_up()
        due = frozenset(map(AreaId, areas))
        self.accounts.run(self.replica, Work(due, due, frozenset()), Stamp(self.replica.position, self.clock.now()))


def test_a_post_goes_where_it_concerns_people_in_their_language() -> None:
    stage = Utility(settings=LIVE)
    stage.hear(event("A", areas=("K1A",), customers_affected=900), event("B", areas=("K2G",), customers_affected=900))
    stage.round("K1A", "K2G")
    assert [(post.lang, "K2G" in post.text) for post in stage.english.posted] == [("en", False), ("en", True)]
    assert [(post.lang, "K1A" in post.text) for post in stage.french.posted] == [("fr", True)]
    stage.round("K1A", "K2G")
    assert (len(stage.english.posted), len(stage.french.posted)) == (2, 1), "a second look says nothing again"


def test_an_account_that_fails_costs_the_others_no_turn_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Utility(settings=LIVE)
    stage.hear(event("A", areas=("K1A",), customers_affected=900))

    def fails(*_: object) -> None:
        raise RuntimeError("its drawer is a mess")

    for _ in range(2):
        failing = next(each for each in stage.accounts._speakers if each.account == "all")
        monkeypatch.setattr(failing, "run", fails)
        with capture_logs() as logs, pytest.raises(RuntimeError, match="a mess"):
            stage.round("K1A")
        assert [(told["event"], told["account"]) for told in logs if told["log_level"] == "error"] == [("social.account_failed", "all")]
    assert [post.lang for post in stage.french.posted] == ["fr"]
    assert not stage.english.posted


def test_an_account_that_takes_all_the_time_is_the_last_in_the_next_round() -> None:
    stage = Utility(settings=LIVE)
    stage.hear(event("A", areas=("K1A",), customers_affected=900))
    post = stage.english.post
    stage.english.post = lambda draft: (stage.clock.move(seconds=7), post(draft))[1]  # type: ignore[method-assign]
    stage.round("K1A")
    assert (len(stage.english.posted), len(stage.french.posted)) == (1, 0)
    stage.round("K1A")
    assert len(stage.french.posted) == 1


def test_an_account_that_hung_has_its_turn_after_the_others_at_its_next_tries() -> None:
    stage = Utility(settings=LIVE)
    stage.hear(event("A", areas=("K1A",), customers_affected=900))
    stage.english.post = lambda draft: (stage.clock.move(seconds=10), Receipt(Reply.UNCERTAIN))[1]  # type: ignore[method-assign]
    stage.round("K1A")
    turns = []
    for speaker in stage.accounts._speakers:
        monkeyed = speaker.run
        speaker.run = lambda *args, name=speaker.account, run=monkeyed: (turns.append(name), run(*args))[1]  # type: ignore[method-assign]
    for _ in range(3):
        stage.clock.move(seconds=61)
        stage.round("K1A")
    assert turns == ["ville", "all"] * 3


def test_accounts_of_the_file_are_made_and_their_services_have_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "secret")
    settings = Settings(accounts=file(tmp_path, f"accounts: [{{service: x, name: city, languages: [fr], areas: [K2G], {KEYS}}}]"))
    ((name, feed, scope, _),) = speakers(Channel.SOCIAL, settings)
    assert (name, feed is None, scope) == ("city", False, Scope(languages=("fr",), areas=frozenset({AreaId("K2G")})))
    assert active(settings) == [Channel.VOICE_CACHE, Channel.SITE, Channel.SOCIAL]
    assert speakers(Channel.SOCIAL, Settings())[0][:2] == ("x-dry-run", None)


def test_live_posts_go_by_the_policy_that_is_named_else_by_the_one_that_comes_along(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text('{quiet_hours: {from: "22:00", until: "05:00"}, kinds: {first_report: {value: 80}}}')
    named, unnamed = (Floor(Settings(data=tmp_path, social_policy=path))._social(Channel.SOCIAL) for path in (own, None))
    assert [bool(worker._speakers[0]._policy.digests) for worker in (named, unnamed)] == [False, True]  # type: ignore[attr-defined]
    own.write_text("kinds: 1")
    with pytest.raises(PolicyError, match=r"own\.yaml, line 1"):
        Floor(Settings(data=tmp_path, social_policy=own))._social(Channel.SOCIAL)


def test_x_goes_by_keys_or_by_a_refresh_token_and_never_by_half_of_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "secret")
    tokens = "client_id: abc, refresh_token: {env: A}"
    for how in (KEYS, tokens, f"{tokens}, client_secret: {{env: A}}, pictures: false"):
        settings = Settings(data=tmp_path, accounts=file(tmp_path, f"accounts: [{{service: x, name: city, {how}}}]"))
        ((name, feed, scope, _),) = speakers(Channel.SOCIAL, settings)
        assert (name, feed is None, scope.pictures) == ("city", False, "pictures" not in how)
    for how in (
        "name: x",
        "client_id: abc",
        "refresh_token: {env: A}",
        f"{KEYS}, {tokens}",
        "consumer_key: {env: A}, " + tokens,
        f"{KEYS}, client_secret: {{env: A}}",
    ):
        with pytest.raises(AccountsError, match="or else client_id and refresh_token"):
            load(file(tmp_path, f"accounts: [{{service: x, {'' if how == 'name: x' else 'name: city, '}{how}}}]"))


EVERY = """
accounts:
  - {service: mastodon, name: masto, url: "https://mastodon.example", token: {env: A}, languages: [fr]}
  - {service: bluesky, name: sky, handle: outages.example, app_password: {env: A}}
  - {service: facebook, name: page, page: "1234567890", token: {env: A}, app_secret: {env: A}}
  - {service: webhook, name: control-room, url: "https://hooks.example/outages", secrets: [{env: HOOK}]}
  - {service: apprise, name: crew, target: {env: TARGET}}
"""


def test_each_service_has_an_account_of_its_own_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"A": "secret", "HOOK": "whsec_" + "QUFB" * 10, "TARGET": "json://localhost/hook"}.items():
        monkeypatch.setenv(name, value)
    settings = Settings(accounts=file(tmp_path, EVERY), data=tmp_path)
    made = {channel: [(name, type(feed).__name__, scope.languages) for name, feed, scope, _ in speakers(channel, settings)] for channel in SOCIAL}
    assert made == {
        Channel.SOCIAL: [("x-dry-run", "NoneType", ("en", "fr"))],
        Channel.MASTODON: [("masto", "MastodonFeed", ("fr",))],
        Channel.BLUESKY: [("sky", "BlueskyFeed", ("en", "fr"))],
        Channel.FACEBOOK: [("page", "FacebookFeed", ("en", "fr"))],
        Channel.WEBHOOK: [("control-room", "WebhookFeed", ("en", "fr"))],
        Channel.APPRISE: [("crew", "AppriseFeed", ("en", "fr"))],
    }
    assert active(settings) == [channel for channel in Channel if channel is not Channel.NOTICES]


HOOK = "{service: webhook, name: hook, url: 'https://h.example', secrets: [{env: A}]}"
GOOD = "{service: webhook, name: good, url: 'https://h.example', secrets: [{env: HOOK}]}"


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (HOOK, "the webhook account hook: "),
        (HOOK.replace("A}", "NOT_SET_ANYWHERE}"), "NOT_SET_ANYWHERE"),
        (HOOK.replace("https", "gopher"), "accounts[0].url"),
        (HOOK.replace("hook,", "hook, networks: [10.0.0.0/99],"), "the webhook account hook: "),
        (GOOD, "two webhook accounts called good"),
    ],
)
def test_one_bad_account_is_told_and_silences_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: str, said: str) -> None:
    for name, value in {"A": "s3cr3t-and-short", "HOOK": "whsec_" + "QUFB" * 10}.items():
        monkeypatch.setenv(name, value)
    settings = Settings(accounts=file(tmp_path, f"accounts: [{bad}, {GOOD}, {{service: y}}]"), data=tmp_path)
    with capture_logs() as told:
        assert Channel.WEBHOOK in active(settings)
        assert [speaker.account for speaker in speakers(Channel.WEBHOOK, settings)] == ["good"]
        assert [speaker.account for speaker in speakers(Channel.SOCIAL, settings)] == ["x-dry-run"]
    assert any(said in line["reason"] and line["log_level"] == "error" for line in told)
    assert not any("s3cr3t" in str(line) for line in told)
    assert metrics.ACCOUNTS_LEFT_OUT.labels("webhook")._value.get() >= 1
    findings = [one for one in machine(settings, 0) if one.about == "Accounts"]
    assert [one.verdict for one in findings] == [Verdict.BROKEN, Verdict.BROKEN, Verdict.OK]
    assert any(said in one.says for one in findings)
    assert "webhook good: posts are sent" in findings[2].says


def test_a_missing_library_leaves_out_the_accounts_that_need_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "secret")
    monkeypatch.setitem(sys.modules, "services.adapters.social_mastodon", None)
    mastodon, bluesky = EVERY.splitlines()[2:4]
    settings = Settings(accounts=file(tmp_path, f"accounts:\n{mastodon}\n{bluesky}"), data=tmp_path)
    assert (speakers(Channel.MASTODON, settings), len(speakers(Channel.BLUESKY, settings))) == ([], 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("accounts: [{service: y, name: a}]", "accounts[0].service"),
        (f"accounts: [{{service: x, name: A b, {KEYS}}}]", "accounts[0].name"),
        (f"accounts: [{{service: x, name: a, password: p, {KEYS}}}]", "password"),
        (f"accounts: [{{service: x, name: a, languages: [], {KEYS}}}]", "languages"),
        (f"accounts: [{{service: x, name: a, {KEYS}}}, {{service: x, name: a, {KEYS}}}]", "two x accounts called a"),
        ("accounts: {", "can't be read"),
        (f"accounts: [{{service: x, name: a, tier: gold, {KEYS}}}]", "accounts[0].tier"),
        (f"accounts: [{{service: x, name: a, limits: {{per_day: 0}}, {KEYS}}}]", "per_day"),
        (f"accounts: [{{service: x, name: a, tier: basic, limits: {{money_per_month: 5}}, {KEYS}}}]", "tell its `price` too"),
    ],
)
def test_a_file_that_can_not_be_used_says_where_and_why(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(AccountsError) as error:
        load(file(tmp_path, text))
    assert said in str(error.value)


def test_an_account_has_the_limits_and_prices_of_its_tier_or_service_but_where_it_tells_its_own(tmp_path: Path) -> None:
    text = f"""accounts:
      - {{service: x, name: paid, limits: {{per_day: 50, money_per_month: 20}}, {KEYS}}}
      - {{service: x, name: old, tier: free, {KEYS}}}
      - {{service: mastodon, name: m, url: "https://m.example", token: {{env: A}}, limits: {{per_day: 40}}}}
      - {{service: apprise, name: a, target: {{env: A}}, limits: {{per_15_min: 9, price: 0.05, price_with_link: 0.06, money_per_month: 1}}}}"""
    paid, old, mastodon, apprise = (account.terms for account in load(file(tmp_path, text)))
    quarter, day, month = timedelta(minutes=15), timedelta(days=1), timedelta(days=30)
    assert paid.limits == (Limit(quarter, 100), Limit(day, 50), Limit(month, 20, money=True))
    assert [paid.cost_of(text).dollars for text in ("Panne à Hull.", "See hydro.ca", "https://hydro.example/p")] == [0.015, 0.2, 0.2]
    assert (old.limits, old.cost_of("hydro.ca")) == ((Limit(day, 17), Limit(month, 500)), Cost(1))
    assert mastodon.limits == (Limit(timedelta(minutes=5), 300), Limit(timedelta(hours=3), 300), Limit(day, 40))
    assert (apprise.limits, apprise.cost_of("hydro.ca")) == ((Limit(quarter, 9), Limit(month, 1, money=True)), Cost(1, 0.06))


def test_the_account_of_the_settings_has_a_tier_too() -> None:
    ((_, _, _, terms),) = speakers(Channel.SOCIAL, Settings(x_money_per_month=12.5))
    assert terms.limits[-1] == Limit(timedelta(days=30), 12.5, money=True)
    found, (fault,) = survey(Settings(x_tier="basic", x_money_per_month=12.5), Channel.SOCIAL)
    assert (found, fault.service, "SURGECAST_X_MONEY_PER_MONTH" in fault.why) == ([], "x", True)


@pytest.mark.parametrize(("secret", "said"), [(Secret(), "either"), (Secret(env="NOT_SET_ANYWHERE"), "NOT_SET"), (Secret(file="/nowhere"), "/nowhere")])
def test_a_secret_that_is_not_there_is_told_by_where_it_should_be(secret: Secret, said: str) -> None:
    with pytest.raises(AccountsError, match=said):
        secret.read()


def test_the_doctor_says_whether_maps_can_be_drawn(tmp_path: Path) -> None:
    (tmp_path / "no.ttf").write_bytes(b"no font")
    none, broken = (list(_maps(Settings(data=tmp_path, accounts=path, picture_font=tmp_path / "no.ttf"))) for path in (None, tmp_path / "accounts.yaml"))
    assert none == [], "nothing is posted"
    assert [(finding.about, "no.ttf is no font" in finding.says) for finding in broken] == [("Maps", True)]
