"""A made-up customer of the embedded mode links an account through the one origin, then asks: whose outage it is, and what is owed."""

import base64
import hashlib
import html
import os
import re
import secrets
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.tree import ROOT, TRUST, Tree, running_tree, wait_until

BACK = "http://127.0.0.1:49152/linked"
ASKS = {"response_type": "code", "client_id": "demo", "redirect_uri": BACK, "state": "s"}


def linked(tree: Tree, login: str) -> str:
    """An access token, had as any client has one."""
    said = tree.get("/.well-known/oauth-authorization-server").json()
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    shown = httpx.get(said["authorization_endpoint"], params={**ASKS, "code_challenge": challenge, "code_challenge_method": "S256"})
    assert shown.status_code == 200, shown.text
    hidden = {name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', shown.text)}
    sent = httpx.post(said["authorization_endpoint"], data={**hidden, "login": login, "decision": "allow"})
    assert sent.status_code == 303, sent.text
    code = parse_qs(urlsplit(sent.headers["Location"]).query)["code"][0]
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": "demo", "code_verifier": verifier}
    return str(httpx.post(said["token_endpoint"], data=fields).raise_for_status().json()["access_token"])


def test_a_made_up_customer_links_an_account_and_asks_about_their_own_home(tmp_path: Path) -> None:
    with running_tree(tmp_path) as tree:
        printed = subprocess.run(
            [sys.executable, "-m", "services", "customers"], cwd=ROOT, env=tree_environment(tree.data), capture_output=True, text=True, timeout=60, check=True
        ).stdout
        login = next(line.split()[0] for line in printed.splitlines() if "12 Canal Bank" in line)
        assert login in (tree.data / "demo-customers.txt").read_text()
        assert (tree.data / "demo-customers.txt").stat().st_mode & 0o777 == 0o600
        token = {"Authorization": f"Bearer {linked(tree, login)}"}

        def ask(text: str, **headers: str) -> str:
            answer = httpx.post(f"{tree.url}/voice/v1/ask", json={"text": text, "locale": "en-CA"}, headers=headers, timeout=30, verify=TRUST)
            return str(answer.raise_for_status().json()["answer"])

        assert ask("what is my balance", **token).startswith("Your balance is $142.75, due on")
        assert "$" not in ask("what is my balance")
        assert tree.get("/.well-known/oauth-protected-resource/mcp").json()["resource"] == f"{tree.url}/mcp"
        called = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "account_balance"}}
        assert httpx.post(f"{tree.url}/mcp", json=called, timeout=30).status_code == 401
        assert "$142.75" in httpx.post(f"{tree.url}/mcp", json=called, headers=token, timeout=30).text, "an assistant, once the library is loaded"
        out = {"event_id": "1", "outage_id": "o", "occurred_at": datetime.now(UTC).isoformat(), "status": "active", "devices": ["station:greywater"]}  # noqa: TID251
        sent = httpx.post(f"{tree.url}/ingest/v1/events", json=out, headers={"Authorization": f"Bearer {tree.key}"}, timeout=30)
        assert sent.json()["accepted"] == 1
        wait_until(lambda: ask("is my power out", **token).startswith("Your address is on a circuit that is out."), 20, "the circuit is told as out")


def tree_environment(data: Path) -> dict[str, str]:
    return {**os.environ, "SURGECAST_DATA": str(data)}
