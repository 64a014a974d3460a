"""The verdict on the outputs is of a moment in which they stood still, and can't be talked out of what it finds there."""

from collections.abc import Iterator

import pytest

from tests.chaos.still import judged


class Outputs:
    """They stand at each of `positions` for one look; of the last, for ever. At those in `wrong` something is wrong."""

    def __init__(self, *positions: str, wrong: str = "") -> None:
        self._positions, self._wrong = list(positions), wrong
        self.checked: list[str] = []

    def settled(self) -> str:
        position = self._positions.pop(0) if len(self._positions) > 1 else self._positions[0]
        if not position:
            raise AssertionError("not within 60 s: all outputs at one position")
        return position

    def check(self, position: str) -> Iterator[str]:
        self.checked.append(position)
        if position in self._wrong:
            yield f"wrong at {position}"

    def verdict(self) -> list[str]:
        return judged(self.settled, self.check, lambda: "s", checks_max=3)


@pytest.mark.parametrize(
    ("outputs", "said", "checked"),
    [
        (Outputs("1"), [], "1"),
        (Outputs("1", wrong="1"), ["wrong at 1"], "1"),
        (Outputs("1", "2", wrong="1"), [], "12"),
        (Outputs("1", "2", wrong="2"), ["wrong at 2"], "12"),
        (Outputs("1", "2", "3", wrong="12"), [], "123"),
        (Outputs("", wrong="s"), ["I4: not within 60 s: all outputs at one position", "wrong at s"], "s"),
        (Outputs(""), ["I4: not within 60 s: all outputs at one position"], "s"),
        (Outputs("1", "", wrong="1"), ["I4: not within 60 s: all outputs at one position", "wrong at 1"], "1"),
    ],
    ids=["right", "wrong", "moved, then right", "moved, then wrong", "moved twice", "never one", "never one, nothing else wrong", "torn apart by then"],
)
def test_what_is_found_counts_where_the_outputs_stood_still(outputs: Outputs, said: list[str], checked: str) -> None:
    assert outputs.verdict() == said
    assert "".join(outputs.checked) == checked


def test_outputs_that_never_stand_still_are_wrong() -> None:
    outputs = Outputs("1", "2", "3", "4", "5", wrong="3")
    moved, found = outputs.verdict()
    assert outputs.checked == ["1", "2", "3"]
    assert "moved during each of 3 checks, at last from 3 to 4" in moved
    assert found == "wrong at 3"
