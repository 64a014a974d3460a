"""What the long run speaks to: the whole tree behind its one origin, and each HTTP service by itself beside it, on one real Redis."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families as families

from services.cli.embedded_redis import running
from services.kit.settings import Settings
from tests import set_up
from tests.processes import pieces
from tests.tree import ROOT, running_tree

SERVICES = ("ingest", "voice", "public")


class Stage:
    """The running product."""

    def __init__(self, folder: Path, key: str, urls: dict[str, str]) -> None:
        self.folder, self.key, self.urls = folder, key, urls

    def metrics(self, name: str) -> str:
        """The page of metrics of the service (or of the origin) called `name`."""
        return httpx.get(f"{self.urls[name]}/metrics", timeout=30).raise_for_status().text

    def ready(self) -> list[str]:
        """Those that say that they can't serve, with their reasons."""
        answers = {name: httpx.get(f"{url}/readyz", timeout=30) for name, url in self.urls.items()}
        return [f"{name}: {answer.text}" for name, answer in answers.items() if answer.status_code != 200]

    def answered(self) -> dict[str, dict[str, int]]:
        """How many requests each has answered, by status."""
        told: dict[str, dict[str, int]] = {}
        for name in self.urls:
            counts = told.setdefault(name, {})
            for family in families(self.metrics(name)):
                for sample in family.samples if family.name == "surgecast_http_requests" else ():
                    if sample.name.endswith("_total"):
                        counts[sample.labels["status"]] = counts.get(sample.labels["status"], 0) + int(sample.value)
        return told

    def restarts(self) -> int:
        """Parts of the tree that died."""
        return int(sum(sample.value for family in families(self.metrics("origin")) for sample in family.samples if sample.name.endswith("restarts_total")))

    def written(self) -> Iterator[tuple[str, bytes]]:
        """Everything that was written where personal data and keys must never be: logs, metrics, and the public side. With its name."""
        for name in self.urls:
            yield f"metrics of {name}", self.metrics(name).encode()
        for path in self.folder.rglob("*"):
            if path.is_file() and (path.suffix == ".log" or "logs" in path.parts or "site" in path.parts):
                yield str(path.relative_to(self.folder)), path.read_bytes()


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """All of it, ready; ended with everything that it started."""
    with running(folder / "redis", named=Settings().redis_server) as redis:
        shared = {"SURGECAST_JOURNAL_URL": redis.url, **set_up.environment()}
        with running_tree(folder, **shared) as tree:
            subprocess.run([sys.executable, "-m", "services", "areas", "demo"], cwd=ROOT, env={**os.environ, **shared}, check=True, capture_output=True)
            alone = Settings(_env_file=None, **set_up.settings(journal_url=redis.url, data=folder / "alone", site=tree.data / "site"))
            with pieces(alone, folder / "alone.log", *([name] for name in SERVICES)) as parts:
                urls = {name: f"http://127.0.0.1:{part.port}" for name, part in zip(SERVICES, parts, strict=True)}
                yield Stage(folder, tree.key, {**urls, "origin": tree.url})
