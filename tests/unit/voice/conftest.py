"""Fixtures of the voice tests."""

import pytest

from tests.voice_service import AREAS, Voice


@pytest.fixture
def empty() -> Voice:
    """A service whose mirror was never filled."""
    return Voice()


@pytest.fixture
def voice() -> Voice:
    """A service that knows `AREAS`."""
    service = Voice()
    service.publish(AREAS)
    return service
