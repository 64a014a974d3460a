"""Alexa without Amazon: what the embedded mode and `surgecast alexa session` agree on. Requests are verified as ever, against an authority of our own."""

from pathlib import Path

SKILL = "amzn1.ask.skill.surgecast-development"
ROOT, ROOT_KEY, SIGNER_KEY, SIGNER_NAME = "root.pem", "root.key", "signer.key", "signer.txt"


def folder_in(data: Path) -> Path:
    """The authority's folder in the data folder."""
    return data / "alexa"


def environment(data: Path) -> dict[str, str]:
    """Settings of a voice service that trusts this authority and no other."""
    folder = folder_in(data)
    return {"SURGECAST_ALEXA_SKILL_IDS": SKILL, "SURGECAST_ALEXA_ROOTS": str(folder / ROOT), "SURGECAST_ALEXA_CERTIFICATES": str(folder)}
