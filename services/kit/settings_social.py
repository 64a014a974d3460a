"""The settings of social channels: part of `Settings`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from services.kit.settings_voice import Names


class SocialSettings(BaseSettings):
    """What posts are told from outside."""

    ledger_timeout_s: float = Field(5.0, description="longest wait for the ledger's lock or connection")
    messages_folder: Path | None = Field(
        None,
        description="folder with words of your own, en.ftl and fr.ftl (docs/messages.md); empty: those that come along",
    )
    social_policy: Path | None = Field(None, description="YAML file of what is worth a post, and how much (docs/messages.md); empty: the one that comes along")
    social_announce_customers_min: int = Field(500, description="an area is worth a post from this many customers on, where the policy names no number")
    social_coalesce_s: float = Field(30.0, description="how long changes of an area are gathered before a post is considered")
    social_cooldown_s: float = Field(1_800.0, description="least time between two posts about one area, where the policy names none")
    social_growth_factor: float = Field(
        2.0, description="an area is worth another post once its customers out have grown by this factor, where the policy names none"
    )
    social_estimate_shift_s: float = Field(3_600.0, description="an estimate that moves by less is not posted again, where the policy says nothing")
    social_expire_s: float = Field(
        3_600.0, description="a post begun but not finished after this long is given up; keep it within what X remembers as duplicates"
    )
    social_run_max_s: float = Field(6.0, description="one task stops sending after this long; with x_timeout_s and x_token_timeout_s, below task_time_limit_s")
    social_retry_s: float = Field(60.0, description="wait before an account whose service is down is tried again")
    social_listed_after_s: float = Field(
        60.0, ge=0, description="a service lists a post this long after it took it, or before: one in doubt is not looked for until then"
    )
    social_limited_wait_s: float = Field(900.0, description="wait where a limit is hit and the service doesn't say until when")
    social_refused_wait_s: float = Field(300.0, description="wait before an account that may not post is tried again")
    social_refusals_max: int = Field(3, description="posts refused in a row before the account is left alone for that wait")
    social_timeout_s: float = Field(
        10.0, gt=0, description="longest wait for a service that posts go to, other than X; with social_run_max_s, below task_time_limit_s"
    )
    webhook_max_bytes: int = Field(64 * 1024, ge=1024, description="a webhook's message is no longer than this")
    social_pictures: bool = Field(True, description="a map goes with each post whose area's shape is known, where its account doesn't say otherwise")
    picture_font: Path | None = Field(
        None, description="font file (TrueType, OpenType) that maps are written with; empty: DejaVu Sans, or another of the system's"
    )
    pictures_keep_s: float = Field(
        172_800.0, ge=7_200, description="how long a post's map is kept for another try; longer than social_expire_s and approval_expire_s together"
    )
    accounts: Path | None = Field(None, description="YAML file of the accounts that posts go to, on any service (docs/channels.md); besides those below")
    social_text_max: int = Field(
        2_000, ge=280, description="longest text for a service whose own limit isn't known (webhooks, what Apprise reaches), in characters"
    )
    approvers: Names = Field((), description="people who may approve posts, by name, parted by commas: `surgecast approvals approve --as NAME`")
    approval_kinds: Names = Field(
        (), description="kinds of posts that wait until people have approved them (`first_report`, ...), parted by commas; `growth:1` needs one person"
    )
    approval_others: int = Field(2, ge=1, description="how many people beside its author must approve a post, where its kind doesn't say")
    approval_escalate_s: float = Field(600.0, gt=0, description="a post that has waited for so long is called out")
    approval_notify: SecretStr = Field(
        SecretStr(""), description="Apprise URLs, parted by blanks, of the people who are told that a post has waited for too long (docs/channels.md, Apprise)"
    )
    approval_expire_s: float = Field(3_600.0, gt=0, description="a post that was not approved and sent within this is never sent")
    x_account: str = Field("x", description="name of the account in the ledger; a dry run adds `-dry-run`")
    x_api_url: str = Field("https://api.twitter.com", description="origin of the X API")
    x_consumer_key: SecretStr = Field(SecretStr(""), description="OAuth 1.0a; without all four, posts are a dry run")
    x_consumer_secret: SecretStr = SecretStr("")
    x_access_token: SecretStr = SecretStr("")
    x_access_token_secret: SecretStr = SecretStr("")
    x_tier: Literal["pay-per-use", "free", "basic", "pro"] = Field(
        "pay-per-use", description="what that account has of X: its limits, and what a post is billed at"
    )
    x_money_per_month: float | None = Field(None, gt=0, description="dollars that its posts may cost in any thirty days; empty: as many as they cost")
    x_timeout_s: float = Field(10.0, description="longest wait for the X API")
    x_token_timeout_s: float = Field(
        10.0, gt=0, description="longest wait where X renews an account's OAuth 2.0 tokens: an answer that is lost has to be made good by a person"
    )

    @property
    def x_credentials(self) -> tuple[str, str, str, str] | None:
        """Consumer key and secret, access token and secret, where all four are set; else None, and posts are a dry run."""
        key, secret = self.x_consumer_key.get_secret_value(), self.x_consumer_secret.get_secret_value()
        token, token_secret = self.x_access_token.get_secret_value(), self.x_access_token_secret.get_secret_value()
        return (key, secret, token, token_secret) if key and secret and token and token_secret else None
