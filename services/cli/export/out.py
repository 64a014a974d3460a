"""Where an export goes: standard output, or a file that is there whole or not at all."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from services.cli.failure import Failure

STDOUT = "-"


@contextmanager
def opened(out: str, *, binary: bool) -> Iterator[BinaryIO]:
    """The file to write to; renamed to `out` when the block ends well, gone when it doesn't. Raises `Failure` where it can't be written."""
    if out == STDOUT:
        if binary and sys.stdout.isatty():
            raise Failure("Parquet is not for a terminal. Name a file with --out.")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(out)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise Failure(f"{path} can't be written: {error.strerror or error}.") from None
    finally:
        with suppress(OSError):
            part.unlink()
