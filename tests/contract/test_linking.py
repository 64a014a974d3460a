"""Account linking from the authorization page to a balance, over HTTP; and all that goes wrong, or is made to."""

import asyncio
import base64
import hashlib
import html
import re
import secrets
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from services.adapters.customers_memory import MemoryCustomers
from services.adapters.guarded import Guarded, bounds
from services.adapters.linked_accounts import LinkedAccounts
from services.adapters.links_memory import MemoryLinks
from services.adapters.oidc_build import account_tokens
from services.kernel.customers import Account, Customer, CustomerId
from services.kernel.messages import wordings
from services.kernel.ports.failures import Unavailable
from services.kit.clock import SystemClock
from services.kit.settings import Settings
from services.voice.api import voice_app
from services.voice.conversation.accounts import Accounts
from services.voice.conversation.turn import Platform, Turn
from services.voice.linking.routes import Linking
from services.voice.main import build
from services.voice.understanding.question import Intent
from tests.simulators.issuer import Fault, forged, issuer
from tests.voice_service import AREAS, Voice, no_lifespan

BACK = "http://127.0.0.1:49152/linked"
LOGIN = "AAAA-BBBB-CCCC"
SHOP, SHOP_SECRET = "shop", "shop-secret"
UTILITY = {"en": "Example Hydro", "fr": "Hydro Exemple"}
SETTINGS: dict[str, Any] = {
    "linking_clients": {"demo": ("http://127.0.0.1/linked",), SHOP: ("https://shop.example/back?a=1",)},
    "linking_client_secrets": {SHOP: SHOP_SECRET},
}


class Flow:
    """A voice service with its authorization server, and a client that links an account."""

    def __init__(self, **settings: Any) -> None:
        customers = MemoryCustomers([Customer(CustomerId("cust-1"), (), Account(12_345, due_on=date(2018, 10, 3)))])
        tokens = LinkedAccounts(lambda: self.store, Guarded("accounts", bounds(5, 5, 5, 5), SystemClock()))
        self.voice = Voice(accounts=Accounts(tokens, customers), **SETTINGS, **settings)
        self.voice.publish(AREAS)
        self.store = MemoryLinks(self.voice.clock)
        self.store.add_login(LOGIN, CustomerId("cust-1"))
        voice, told = self.voice, self.voice.settings
        linking = Linking(self.store, wordings(UTILITY, "America/Toronto"), told, voice.clock)
        voice.app = voice_app(voice.mirror, voice.conversation, told, no_lifespan, {}, linking.routes())
        self.verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {"response_type": "code", "client_id": "demo", "redirect_uri": BACK, "state": "s&t=é"}
        self.asked: dict[str, str] = {**asked, "code_challenge": challenge, "code_challenge_method": "S256", "scope": "account"}

    def page(self, **changes: str | None) -> httpx.Response:
        asked = {name: value for name, value in {**self.asked, **changes}.items() if value is not None}
        return self.voice.get(f"/oauth/authorize?{urlencode(asked)}")

    def form(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        return self.voice._send("POST", path, data=fields, headers=headers)

    def decide(self, login: str = LOGIN, decision: str = "allow", **changes: str) -> httpx.Response:
        """Fill in the form that the page shows."""
        hidden = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', self.page(**changes).text))
        fields = {name: html.unescape(value) for name, value in hidden.items()}
        return self.form("/oauth/authorize", {**fields, "login": login, "decision": decision})

    def code(self, **changes: str) -> str:
        sent = self.decide(**changes)
        assert sent.status_code == 303, sent.text
        return told(sent)["code"]

    def tokens(self, code: str, verifier: str = "", redirect_uri: str = BACK, client: str = "demo") -> httpx.Response:
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "client_id": client}
        return self.form("/oauth/token", {**fields, "code_verifier": verifier or self.verifier})

    def refresh(self, token: str, client: str = "demo") -> httpx.Response:
        return self.form("/oauth/token", {"grant_type": "refresh_token", "refresh_token": token, "client_id": client})

    def balance(self, token: str) -> str:
        answer = self.voice.post("/voice/v1/ask", {"text": "what is my balance", "locale": "en-CA"}, headers={"Authorization": f"Bearer {token}"}).json()
        assert answer["intent"] == "account_balance"
        return str(answer["answer"])


def told(answer: httpx.Response) -> dict[str, str]:
    """What a redirect tells the client."""
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def refused(answer: httpx.Response, error: str) -> None:
    assert (answer.status_code // 100, answer.json()["error"]) == (4, error), answer.text


OWED = "Your balance is $123.45, due on October 3."
UNLINKED = "That is for your eyes and ears only. Link your account first, then ask me again."


def test_from_the_page_to_a_balance_and_on_to_the_end_of_the_link() -> None:
    flow = Flow()
    sent = flow.decide()
    assert sent.headers["Location"].startswith(BACK + "?")
    assert (told(sent)["state"], sent.headers["Cache-Control"], sent.text) == ("s&t=é", "no-store", "")
    given = flow.tokens(told(sent)["code"])
    assert (given.status_code, given.headers["Cache-Control"]) == (200, "no-store")
    first = given.json()
    assert (first["token_type"], first["expires_in"], first["scope"]) == ("Bearer", 3600, "account")
    assert flow.balance(first["access_token"]) == OWED
    second = flow.refresh(first["refresh_token"]).json()
    assert flow.balance(second["access_token"]) == OWED
    assert flow.form("/oauth/revoke", {"token": second["refresh_token"], "client_id": "demo"}).status_code == 200
    for token in (first["access_token"], second["access_token"], "made-up", ""):
        assert flow.balance(token) == UNLINKED
    refused(flow.refresh(second["refresh_token"]), "invalid_grant")
    assert flow.form("/oauth/revoke", {"token": "nobody-knows-it", "client_id": "demo"}).status_code == 200


def test_a_client_with_a_secret_must_name_itself_by_it() -> None:
    flow = Flow()
    code = flow.code(client_id=SHOP, redirect_uri="https://shop.example/back?a=1")
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://shop.example/back?a=1", "code_verifier": flow.verifier}
    refused(flow.form("/oauth/token", {**fields, "client_id": SHOP}), "invalid_client")
    refused(flow.form("/oauth/token", {**fields, "client_id": SHOP, "client_secret": "wrong"}), "invalid_client")
    basic = base64.b64encode(f"{SHOP}:{SHOP_SECRET}".encode()).decode()
    assert flow.form("/oauth/token", fields, Authorization=f"Basic {basic}").status_code == 200


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.example/linked", "http://127.0.0.1.evil.example/linked", "http://127.0.0.1@evil.example/linked", "http://evil@127.0.0.1/linked",
        "http://127.0.0.1:80/linked/../other", "http://127.0.0.1/linked?next=//evil.example", "http://127.0.0.1:x/linked", "https://127.0.0.1/linked",
        "http://localhost/linked", "//evil.example", "javascript:alert(1)", "http://127.0.0.1/linked#", "http://127.0.0.1/linked\r\nX: y", "http://[", "", "é",
        "https://shop.example/back?a=1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_is_sent_where_the_client_has_not_said(redirect_uri: str, method: str) -> None:
    flow = Flow()
    asked = {**flow.asked, "redirect_uri": redirect_uri, "login": LOGIN, "decision": "allow"}
    answer = flow.page(redirect_uri=redirect_uri) if method == "GET" else flow.form("/oauth/authorize", asked)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "evil" not in answer.text
    assert "<form" not in answer.text


@pytest.mark.parametrize("changes", [{"client_id": "nobody"}, {"client_id": None}, {"redirect_uri": None}])
def test_an_unknown_client_gets_a_page_and_no_redirect(changes: dict[str, Any]) -> None:
    answer = Flow().page(**changes)
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


def test_a_parameter_twice_is_refused() -> None:
    flow = Flow()
    answer = flow.voice.get(f"/oauth/authorize?{urlencode(flow.asked)}&redirect_uri=https://evil.example/")
    assert (answer.status_code, "Location" in answer.headers) == (400, False)
    assert flow.voice.get(f"/oauth/authorize?{urlencode(flow.asked)}{'&x=1' * 30}").status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"state": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
def test_a_client_that_asks_wrongly_is_told_so(changes: dict[str, Any], error: str) -> None:
    answer = Flow().page(**changes)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(BACK + "?")
    assert told(answer)["error"] == error
    assert "code" not in told(answer)


def test_a_customer_who_says_no_is_taken_at_their_word() -> None:
    answer = Flow().decide(login="", decision="deny")
    assert (answer.status_code, told(answer)["error"], told(answer)["state"]) == (303, "access_denied", "s&t=é")


def test_a_code_is_good_once_and_its_replay_ends_what_came_of_it() -> None:
    flow = Flow()
    code = flow.code()
    token = flow.tokens(code).json()["access_token"]
    assert flow.balance(token) == OWED
    refused(flow.tokens(code), "invalid_grant")
    assert flow.balance(token) == UNLINKED


def test_a_refresh_token_is_good_once_and_its_replay_ends_what_came_of_it() -> None:
    flow = Flow()
    first = flow.tokens(flow.code()).json()
    second = flow.refresh(first["refresh_token"]).json()
    refused(flow.refresh(first["refresh_token"]), "invalid_grant")
    refused(flow.refresh(second["refresh_token"]), "invalid_grant")
    assert flow.balance(second["access_token"]) == UNLINKED


def test_a_code_needs_its_verifier_its_client_its_address_and_its_minute() -> None:
    flow = Flow()
    refused(flow.tokens(flow.code(), verifier="x" * 43), "invalid_grant")
    refused(flow.tokens(flow.code(), redirect_uri="http://127.0.0.1:1/linked"), "invalid_grant")
    shop = {"code": flow.code(), "grant_type": "authorization_code", "redirect_uri": BACK, "client_id": SHOP, "client_secret": SHOP_SECRET}
    refused(flow.form("/oauth/token", {**shop, "code_verifier": flow.verifier}), "invalid_grant")
    fields = {"grant_type": "authorization_code", "code": flow.code(), "redirect_uri": BACK, "client_id": "demo"}
    refused(flow.form("/oauth/token", fields), "invalid_request")
    late = flow.code()
    flow.voice.clock.moment += type(flow.voice.clock.moment - flow.voice.clock.moment)(seconds=61)
    refused(flow.tokens(late), "invalid_grant")


def test_tokens_of_another_client_are_neither_renewed_nor_ended() -> None:
    flow = Flow()
    first = flow.tokens(flow.code()).json()
    shop = {"client_id": SHOP, "client_secret": SHOP_SECRET}
    refused(flow.form("/oauth/token", {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **shop}), "invalid_grant")
    refused(flow.form("/oauth/revoke", {"token": first["access_token"], **shop}), "invalid_grant")
    assert flow.balance(first["access_token"]) == OWED
    assert flow.balance(first["refresh_token"]) == UNLINKED  # which is no access token
    assert flow.refresh(first["refresh_token"]).status_code == 200


def test_wrong_codes_are_told_and_soon_no_more_are_tried() -> None:
    flow = Flow(linking_logins_per_minute=3)
    for guess in ("", "AAAA-BBBB-CCCD", "' OR 1=1 --"):
        answer = flow.decide(login=guess)
        assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
        assert "<title>Error: Link your" in answer.text
        assert f'value="{html.escape(guess).replace("&#x27;", "&#39;")}" required' in answer.text, "to be mended"
    limited = flow.decide()
    assert (limited.status_code, int(limited.headers["Retry-After"]) > 0) == (429, True)
    flow.voice.clock.moment += type(flow.voice.clock.moment - flow.voice.clock.moment)(seconds=60)
    assert flow.decide(login=f" {LOGIN.lower()} ").status_code == 303


def test_a_stranger_who_tries_codes_locks_nobody_else_out() -> None:
    flow = Flow(linking_logins_per_minute=3)
    asked = {**flow.asked, "decision": "allow"}

    def tried(address: str, login: str) -> int:
        return flow.voice._send("POST", "/oauth/authorize", address, data={**asked, "login": login}).status_code

    assert [tried("203.0.114.7", "AAAA-BBBB-CCCD") for _ in range(4)] == [422, 422, 422, 429]
    assert tried("203.0.114.8", LOGIN) == 303


def test_the_page_is_plain_in_both_languages_and_runs_nothing() -> None:
    flow = Flow()
    hostile = '"><script>alert(1)</script>'
    for lang, title in (("en", "Link your Example Hydro account"), ("fr", "Associer votre compte Hydro Exemple")):
        answer = flow.page(ui_locales=lang, state=hostile)
        assert f'<html lang="{lang}">' in answer.text
        assert f"<h1>{title}</h1>" in answer.text
        assert "<script" not in answer.text
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self' http://127.0.0.1:49152;" in policy
        assert '<label for="login">' in answer.text
    assert '<html lang="fr">' in flow.voice._send("GET", f"/oauth/authorize?{urlencode(flow.asked)}", headers={"Accept-Language": "fr-CA,en;q=0.5"}).text
    assert told(flow.decide(state=hostile))["state"] == hostile


def test_what_it_says_of_itself_is_so_and_what_is_no_form_is_refused() -> None:
    flow = Flow(public_url="https://power.example")
    said = flow.voice.get("/.well-known/oauth-authorization-server").json()
    assert said["issuer"] == "https://power.example"
    assert (said["code_challenge_methods_supported"], said["response_types_supported"]) == (["S256"], ["code"])
    for name in ("authorization", "token", "revocation"):
        path = said[f"{name}_endpoint"].removeprefix("https://power.example")
        assert flow.voice.post(path, {"json": "is no form"}).status_code == 415
        assert flow.form(path, {"client_id": "x" * 20_000}).status_code == 413
    refused(flow.form("/oauth/token", {"grant_type": "password", "client_id": "demo"}), "unsupported_grant_type")
    refused(flow.form("/oauth/token", {"grant_type": 'é"\n', "client_id": "demo"}), "unsupported_grant_type")


def test_a_store_that_is_away_is_503_and_costs_an_outage_answer_nothing() -> None:
    flow = Flow()
    token = flow.tokens(flow.code()).json()["access_token"]
    flow.store.down = True
    away = flow.form("/oauth/authorize", {**flow.asked, "ui_locales": "fr", "login": LOGIN, "decision": "allow"})
    assert (away.status_code, away.headers["Content-Type"], int(away.headers["Retry-After"])) == (503, "text/html; charset=utf-8", 5)
    assert ("Rien n'a été associé." in html.unescape(away.text), "<form" in away.text) == (True, False)
    assert flow.form("/oauth/token", {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "demo"}).status_code == 503
    asked = Turn(platform=Platform.ASK, lang="en", intent=Intent.OUTAGE_STATUS, home="Vancouver", account=token)
    assert asyncio.run(flow.voice.conversation.answer(asked)).answer.startswith("There are 2 power outages in Vancouver.")
    assert flow.balance(token).startswith("I can't reach your account just now.")


def test_without_a_setting_there_is_no_authorization_server(tmp_path: Path, redis_url: str) -> None:
    app = build(Settings(_env_file=None, data=tmp_path, journal_url=redis_url))

    async def ask() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://voice") as client:  # type: ignore[arg-type]
            return (await client.get("/oauth/authorize")).status_code

    assert asyncio.run(ask()) == 404


def test_tokens_of_a_utilitys_own_issuer_are_verified() -> None:
    audience = "https://surgecast.example/voice"
    with issuer() as idp:
        told = Settings(_env_file=None, accounts_issuer=idp.url, accounts_audience=audience, accounts_scope="account", oidc_timeout_s=2.0)
        tokens = account_tokens(told, SystemClock())
        good = {"aud": audience, "sub": "cust-1", "scope": "openid account"}
        claims = {"iss": idp.url, "exp": 9_999_999_999, **good}

        async def whose() -> list[CustomerId | None]:
            asked = [
                idp.token(**good),
                idp.token(**{**good, "aud": "https://other.example"}), idp.token(**good, exp=1), idp.token(**{**good, "iss": "https://other.example"}),
                idp.token(**{**good, "scope": "openid"}), idp.token(**{**good, "sub": "x" * 201}), idp.token(**{**good, "sub": ""}),
                idp.token(aud=audience, scope="account", without="sub"),
                idp.token(**good)[:-4] + "AAAA", forged(claims, {"alg": "none", "kid": idp.kid}),
                forged(claims, {"alg": "HS256", "kid": idp.kid}, idp.public_pem()),
                "", "not.a.token", "x" * 9_000,
            ]  # fmt: skip
            return [await tokens.customer(token) for token in asked]

        answers = asyncio.run(whose())
    assert answers == ["cust-1", *[None] * (len(answers) - 1)]


def test_an_issuer_that_hangs_holds_nobody_up_longer_than_a_customer_may_be_waited_for() -> None:
    audience = "https://surgecast.example/voice"
    with issuer() as idp:
        idp.fault = Fault.DRIP
        told = Settings(_env_file=None, accounts_issuer=idp.url, accounts_audience=audience, customers_timeout_s=0.1, oidc_timeout_s=0.5)
        tokens = account_tokens(told, SystemClock())

        async def ask() -> None:
            with pytest.raises(Unavailable, match=r"within 0\.1 s"):
                await tokens.customer(idp.token(aud=audience, sub="cust-1"))

        asyncio.run(ask())


@pytest.mark.parametrize("audience", ["", "https://surgecast.example/ingest"])
def test_a_customers_token_is_never_a_senders(audience: str) -> None:
    known = {"oidc_issuer": "https://id.example", "oidc_audience": "https://surgecast.example/ingest"}
    with pytest.raises(ValueError, match="accounts_audience"):
        Settings(_env_file=None, **known, accounts_issuer="https://id.example", accounts_audience=audience)
    assert Settings(_env_file=None, **known, accounts_issuer="https://id.example", accounts_audience="https://surgecast.example/voice").accounts_issuer
