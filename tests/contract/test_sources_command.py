"""`surgecast sources`: what an operator is shown, and that a dry run writes nothing."""

from pathlib import Path

import pytest
import redis

from services.adapters.redis_link import sync_link
from services.adapters.sources_redis import redis_sources
from services.cli.failure import Failure
from services.cli.rehearsal import rehearse
from services.cli.sources import forget, poll, show
from services.kernel.ids import SourceName
from services.kit.clock import SystemClock
from services.kit.settings import Settings
from services.sources.config import load
from services.sources.main import announce
from tests.simulators.outage_source import Fault, feature, outage_source


def keys(url: str) -> dict[bytes, object]:
    """All that is in Redis."""
    with redis.Redis.from_url(url) as link:
        return {key: link.dump(key) for key in link.scan_iter()}


def test_a_source_is_rehearsed_polled_listed_and_forgotten(
    redis_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    with outage_source(features=[feature("a", 120), feature("b", 5)]) as source:
        file = tmp_path / "sources.toml"
        file.write_text(f'[[source]]\nname = "hydro"\nurl = "{source.url}?key=${{KEY}}"\nformat = "geojson"\n')
        monkeypatch.setenv("KEY", "s3cret")
        settings = Settings(journal_url=redis_url, sources=file, data=tmp_path)
        before = keys(redis_url)
        rehearse(settings, "hydro")
        assert "would change: 2 active. Nothing was written." in capsys.readouterr().out
        assert keys(redis_url) == before
        with pytest.raises(Failure, match="does not know hydro yet"):
            poll(settings, "hydro")
        announce(settings, load(file))
        with pytest.raises(Failure, match=r"its ingest key can't be read .*surgecast keys create hydro"):
            poll(settings, "hydro")
        source.fault = Fault.WEB_PAGE
        with pytest.raises(Failure, match="a web page"):
            poll(settings, "hydro")
        with sync_link(settings) as link:
            redis_sources(link, settings).heard(SourceName("oms"), SystemClock().now())
        monkeypatch.delenv("KEY")
        capsys.readouterr()
        show(settings)
        listed = capsys.readouterr().out
        assert [line.split()[0] for line in listed.splitlines()[1:]] == ["hydro", "oms"]
        assert "failing" in listed
        assert "a web page" in listed
        assert "pushes" in listed
        assert "s3cret" not in listed
        with pytest.raises(Failure, match="take it out there first"):
            forget(settings, "hydro")
        forget(settings, "oms")
        with pytest.raises(Failure, match="no source oms"):
            forget(settings, "oms")


def test_a_wrong_file_or_name_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="There is no source x to poll"):
        poll(Settings(data=tmp_path), "x")
    file = tmp_path / "sources.toml"
    file.write_text('[[source]]\nname = "hydro"\nurl = "https://h.example"\nformat = "odd"\n')
    with pytest.raises(Failure, match="format: 'odd' is none"):
        show(Settings(sources=file, data=tmp_path))
