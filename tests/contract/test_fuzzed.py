"""Every HTTP service against its own OpenAPI document: whatever is asked, nothing breaks, and what is answered is what the document says.

A few hundred requests of a fixed seed; `make fuzz` runs the same against real processes for as long as one likes (tests/fuzz).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from services.adapters.chains_memory import MemoryChains
from services.adapters.journal_memory import MemoryJournal
from services.adapters.keys_memory import MemoryKeys
from services.adapters.quotas_memory import MemoryQuotas
from services.cli.http_protocol import http_protocol
from services.ingest.api import application
from services.ingest.formats import FORMATS
from services.kernel.ids import SourceName
from services.kernel.keys import SCOPES
from services.kernel.messages import LANGS, Wording
from services.kit.guard import Guard
from services.kit.http import Observed, service_app
from services.kit.settings import Settings
from services.public import contract as public_contract
from services.public.age import SiteAge
from services.public.app import PublicSide
from services.public.pages import ReplyPages
from services.public.shelf import Shelf
from tests import set_up
from tests.builders import event
from tests.contract.ingest_door import StillClock
from tests.fuzz.shapes import CHECKS
from tests.served import serve
from tests.site_desk import Desk
from tests.voice_service import AREAS, Voice

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
SETTINGS = Settings(_env_file=None, guard_target_s=60)
FEW = settings(max_examples=10, derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
KEYS = MemoryKeys()
KEY = KEYS.create(SourceName("demo"), SCOPES)
SERVER: dict[str, Any] = {"http": http_protocol(SETTINGS), "ws": "none"}


def published(service: str, **headers: str) -> Any:
    """What `service` says of itself: its contract, which another test holds to what it serves."""
    checks = {"enabled": False} | {name: {"enabled": True} for name in CHECKS}
    slow = {"include-path": "/ingest/v1/events", "phases": {"coverage": {"enabled": False}}}  # 700 bodies: make fuzz has the time
    config = SchemathesisConfig.from_dict(
        {"headers": headers, "checks": checks, "generation": {"database": "none"}, "cache": {"enabled": False}, "operations": [slow]}
    )
    return schemathesis.openapi.from_path(str(CONTRACTS / f"openapi-{service}.json"), config=config)


@pytest.fixture(scope="module")
def ingest() -> Iterator[str]:
    clock = StillClock()
    app = application(MemoryJournal(), KEYS, clock, SETTINGS, FORMATS, MemoryChains(), quotas=MemoryQuotas(clock))
    with serve(app, **SERVER) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def voice() -> Iterator[str]:
    service = Voice(links=True, **set_up.settings())
    service.publish(AREAS)
    with serve(Guard(Observed(service.app, "voice"), "voice", SETTINGS), **SERVER) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def public() -> Iterator[str]:
    desk = Desk().told(event("o1", areas=("K2G", "K1A")), event("o2", areas=("K1A",), customers_affected=120), names={"K2G": "Nepean"})
    shelf, pages = Shelf(desk.store, SETTINGS), ReplyPages({lang: Wording(lang, "Hydro", SETTINGS.timezone) for lang in LANGS})
    inner = service_app("public", SiteAge(shelf, desk.clock).ready, lambda: public_contract.openapi(SETTINGS))
    with serve(Guard(PublicSide(shelf, pages, SETTINGS, Observed(inner, "public")), "public", SETTINGS), **SERVER) as port:
        yield f"http://127.0.0.1:{port}"


@published("ingest", Authorization=f"Bearer {KEY}").parametrize()
@FEW
def test_ingest_answers_as_it_says(ingest: str, case: Any) -> None:
    case.call_and_validate(ingest)


@published("voice").parametrize()
@FEW
def test_voice_answers_as_it_says(voice: str, case: Any) -> None:
    case.call_and_validate(voice)


@published("public").parametrize()
@FEW
def test_public_side_answers_as_it_says(public: str, case: Any) -> None:
    case.call_and_validate(public)


def test_health_is_counted_by_its_address(voice: str) -> None:
    httpx.head(f"{voice}/healthz").raise_for_status()
    assert 'surgecast_http_requests_total{method="HEAD",route="/healthz",service="voice",status="200"}' in httpx.get(f"{voice}/metrics").text
