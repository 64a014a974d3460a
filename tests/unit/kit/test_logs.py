"""Logs on a disk that is full: whoever logs goes on."""

import io

import structlog

from services.kit.logs import Unfailing


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
