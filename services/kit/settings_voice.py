"""The settings of voice and chat: part of `Settings`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class VoiceSettings(BaseSettings):
    """What conversations are told from outside."""

    # the mirror, and questions as they come in
    mirror_poll_s: float = Field(0.2, description="how often a mirror looks for new views")
    mirror_retry_max_s: float = Field(2.0, description="longest wait of a mirror between two tries while Redis is down")
    mirror_snapshot_s: float = Field(10.0, description="how often a mirror saves what changed, for its next start")
    voice_body_max_bytes: int = Field(64 * 1024, description="largest question, as a request; larger ones get 413")
    voice_body_timeout_s: float = Field(5.0, description="longest a question may take to arrive, as a request")
    voice_text_max_chars: int = Field(500, description="longest question in words")
    voice_confident: float = Field(0.6, description="a question understood less surely than this is answered with 'did you mean'")

    # what electricity costs
    tariff: Path | None = Field(None, description="YAML file of plans, hours, holidays and prices (docs/tariffs.md); empty: Ontario's")
    tariff_plan: str = Field("tou", description="plan that is told to whoever names none and has no linked account")
