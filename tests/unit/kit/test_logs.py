"""Logs on a disk that is full: whoever logs goes on."""

import io

import structlog
from structlog.testing import capture_logs

from services.kit.logs import Sparing, Unfailing


class _Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


def test_a_line_that_cannot_be_written_is_dropped_and_the_next_ones_are_not() -> None:
    structlog.PrintLogger(Unfailing(_Full())).msg("a line")  # type: ignore[arg-type]
    room = io.StringIO()
    structlog.PrintLogger(Unfailing(room)).msg("a line")  # type: ignore[arg-type]
    assert room.getvalue() == "a line\n"


def test_of_lines_that_strangers_cause_one_of_a_kind_is_logged_in_a_while_with_how_many_were_left_out() -> None:
    now = [0.0]
    sparing = Sparing(10, lambda: now[0])
    with capture_logs() as logged:
        for _ in range(1_000):
            sparing.info("refused", "signature", detail="x")
        sparing.info("refused", "url")
        now[0] = 10
        for _ in range(2):
            sparing.info("refused", "signature", detail="x")
    assert [(line["reason"], line.get("left_out")) for line in logged] == [("signature", None), ("url", None), ("signature", 999)]
