"""The main promise on real input: a storm replayed through HTTP comes out of every channel as its last picture has it."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.agreement import check_everything, digits
from tests.storms import SHORT_STORMS, STORMS, beginning, expected, last_picture, storm_file
from tests.tree import Tree, load, replay, running_tree


def last_position(tree: Tree) -> str:
    return str(load(tree.get("/feeds/v1/en/summary.json"))["position"])


ALL = bool(os.environ.get("SURGECAST_ALL_STORMS"))


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("storm", STORMS if ALL else SHORT_STORMS)
def test_every_output_equals_the_last_picture_when_a_real_storm_was_replayed(storm: str, tmp_path: Path) -> None:
    """Feeds, page, voice and map agree with an independent count, outage for outage, at one position."""
    file = storm_file(storm) if ALL else beginning(storm, tmp_path)
    want = expected(last_picture(file))
    with running_tree(tmp_path) as tree:
        done = replay(tree, file, timeout_s=360)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        check_everything(tree, want, last_position(tree))
        said = tree.ask("How many customers are without power?")
        assert said["intent"] == "outage_counts"
        assert digits(said["answer"], want.outages) or want.cut_short
        report = {"storm": storm, "tree_rss_mb": round(tree.rss_mb()), "replay": re.sub(r"\s+", " ", done.stdout[-600:])}
        print(json.dumps(report))  # noqa: T201 - the figures that docs/performance.md quotes, seen with pytest -s
