"""`make fuzz`: schemathesis against the whole running product, then a look for what must be nowhere. Ends with 1 where it finds anything."""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.fuzz.shapes import CHECKS, MARK
from tests.fuzz.stage import SERVICES, Stage, stage
from tests.tree import ROOT

CONTRACTS = ROOT / "contracts"
TELL_EVERY_S = 30.0
_OURS = re.compile(rb"request_failed|Traceback \(most recent|task_failed")
"""What a log says only of a mistake of ours."""


def origin_contract() -> dict[str, Any]:
    """What the origin answers: all that the services do."""
    told = [json.loads((CONTRACTS / f"openapi-{name}.json").read_text("utf-8")) for name in SERVICES]
    one: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Surgecast", "version": "1"},
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    for document in told:
        one["paths"] |= document["paths"]
        for kind, parts in document["components"].items():
            one["components"][kind] = parts | one["components"][kind]  # ingest's problem is the one that says most
    return one


def start(name: str, on: Stage, minutes: float, seed: int) -> "subprocess.Popen[bytes]":
    """schemathesis on one of them; what it says is in a file of its name."""
    contract = on.folder / f"openapi-{name}.json"
    contract.write_text(json.dumps(origin_contract()) if name == "origin" else (CONTRACTS / contract.name).read_text("utf-8"), "utf-8")
    argv = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(Path(__file__).with_name("schemathesis.toml")), "--no-color", "run", str(contract)]
    argv += ["--url", on.urls[name], "--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing", "--max-time", str(round(minutes * 60))]
    argv += ["--seed", str(seed), "--header", f"Authorization: Bearer {on.key}", "--request-timeout", "30"]
    with (on.folder / f"{name}.txt").open("wb") as said:
        return subprocess.Popen(argv, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=said, stderr=subprocess.STDOUT)


def fuzz(on: Stage, minutes: float, seed: int) -> list[str]:
    """What was found, in words."""
    started = time.monotonic()
    runs = {name: start(name, on, minutes, seed) for name in on.urls}
    try:
        told = started
        while any(run.poll() is None for run in runs.values()):
            time.sleep(0.5)
            if time.monotonic() - told >= TELL_EVERY_S:
                told = time.monotonic()
                counts = ", ".join(f"{name} {sum(statuses.values())}" for name, statuses in on.answered().items())
                print(f"{told - started:5.0f} s  requests answered: {counts}", flush=True)
    finally:
        for run in runs.values():
            run.kill()
    return [f"{name}: see {name}.txt\n{(on.folder / f'{name}.txt').read_text('utf-8', 'replace')[-6_000:]}" for name, run in runs.items() if run.wait() != 0]


def traces(on: Stage) -> list[str]:
    """What the run has left where it must not be: keys, personal data, mistakes of ours, parts that died or don't serve."""
    found = [f"not ready: {reasons}" for reasons in on.ready()]
    if died := on.restarts():
        found.append(f"{died} processes died")
    for name, content in on.written():
        found += [f"the {what} is in {name}" for what, words in (("key", on.key.encode()), ("personal data", MARK.encode())) if words in content]
        if mistake := _OURS.search(content):
            found.append(f"{name} tells of a mistake of ours: {content[mistake.start() - 200 : mistake.end() + 2_000].decode(errors='replace')}")
    return found


def main() -> int:
    """Run; the exit code."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="of an earlier run, to have it again")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="surgecast-fuzz-"))
    print(f"{asked.minutes:g} minutes, seed {asked.seed}; everything is kept in {folder}", flush=True)
    with stage(folder) as on:
        found = fuzz(on, asked.minutes, asked.seed)
        found += traces(on)
        for name, statuses in on.answered().items():
            print(f"{name}: {sum(statuses.values())} requests answered; " + ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items())))
    print("\n\n".join([*found, f"FOUND: {len(found)}"]) if found else "Nothing found.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
