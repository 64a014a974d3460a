"""What Alexa's side is asked for while it asks us: the certificates that its requests are signed with."""

from typing import Protocol


class NoCertificate(Exception):
    """The host answered, and has no chain of certificates of the size of one there."""


class CertificateSource(Protocol):
    """Where the certificates come from that Alexa signs its requests with."""

    async def fetch(self, url: str) -> bytes:
        """What is at `url`, which was checked to be Amazon's. Raises `Unavailable` where the host can't be reached in time or is in trouble itself, and
        `NoCertificate` where it answers with anything else.
        """
        ...
