"""All benchmarks, one after the other, each in a process of its own: `python -m loadtests.bench [NAME ...]`."""

import os
import platform
import subprocess
import sys
from pathlib import Path

NAMES = (
    "areas",
    "ingest",
    "single",
    "snapshot",
    "hang",
    "naive",
    "overload",
    "alexa",
    "ask",
    "relay",
    "history",
    "plan",
    "render",
    "replay",
    "social",
    "understanding",
)


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; 1 where one failed."""
    if unknown := set(names) - set(NAMES):
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"# {os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.machine()}, Python {platform.python_version()}, {platform.system()}", flush=True)
    failed = []
    for name in names or NAMES:
        print(f"\n## {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"loadtests.bench.{name}"], cwd=Path(__file__).resolve().parents[2], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
