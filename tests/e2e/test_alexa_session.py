"""A recorded Alexa session, replayed against a service that verifies every request: over real HTTP, as `make up` runs it."""

import stat
from pathlib import Path

import pytest

from services.adapters.alexa_certificates_folder import FolderCertificates
from services.adapters.alexa_chains_memory import MemoryChains
from services.cli import alexa_dev
from services.cli.alexa.session import replay
from services.kit.clock import SystemClock
from services.kit.guard import Guard
from services.kit.http import Observed
from services.kit.settings import Settings
from services.voice.api import ALEXA, voice_app
from services.voice.platforms.alexa.chain import Roots
from services.voice.platforms.alexa.keys import Limits, SigningKeys
from services.voice.platforms.alexa.skill import AlexaSkill
from tests.served import serve
from tests.tree import ROOT
from tests.voice_service import AREAS, Voice, no_lifespan

SAID = {"en": ("There is a power outage in Orléans", "Call 911 now", "Goodbye."), "fr": ("Il y a une panne dans le secteur Orléans", "911", "Au revoir")}


@pytest.mark.parametrize("lang", SAID)
def test_a_recorded_session_is_answered_with_verification_on(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in alexa_dev.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    settings, clock, voice = Settings(_env_file=None, data=tmp_path), SystemClock(), Voice()
    voice.publish(AREAS)
    assert settings.alexa_certificates
    keys = SigningKeys(FolderCertificates(settings.alexa_certificates, 65_536), Roots(settings.alexa_roots), clock, Limits(3_600, 60, 8), MemoryChains())
    skill = AlexaSkill(voice.conversation, voice.mirror, keys, voice.alexa_api, voice.subscribers, clock, settings)
    app = voice_app(voice.mirror, voice.conversation, settings, no_lifespan, {ALEXA: skill.post})
    session = tmp_path / "session.json"
    session.write_text((ROOT / "docs" / "examples" / f"alexa-session-{lang}.json").read_text().replace("Beaurivage", "Orléans"))
    with serve(Guard(Observed(app, "voice"), "voice", settings)) as port:
        assert replay(settings, session, f"http://127.0.0.1:{port}") == 0
        told = capsys.readouterr().out
        assert all(words in told for words in SAID[lang])
        other = Settings(_env_file=None, data=tmp_path / "another")  # an authority that the service doesn't trust
        assert replay(other, session, f"http://127.0.0.1:{port}") == 1
        assert "! 400 Not a request of Alexa's" in capsys.readouterr().out
    for key in ("root.key", "signer.key"):
        assert stat.S_IMODE((tmp_path / "alexa" / key).stat().st_mode) == 0o600
