"""What it takes to import Amazon's verifier on a current system."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def openssl_of_two_digits() -> Iterator[None]:
    """oscrypto 1.3.0 looks for OpenSSL's version by an expression that '3.0.19' does not match (wbond/oscrypto#75): without this it can't be imported."""
    search = re.search

    def forgiving(pattern: Any, *rest: Any, **more: Any) -> Any:
        known = isinstance(pattern, str) and r"\d\.\d\.\d[a-z]*" in pattern
        return search(pattern.replace(r"\d\.\d\.\d[a-z]*", r"\d\.\d\.\d+[a-z]*") if known else pattern, *rest, **more)

    re.search = forgiving
    try:
        yield
    finally:
        re.search = search
