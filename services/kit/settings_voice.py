"""The settings of voice and chat: part of `Settings`."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(lambda told: told.replace(",", " ").split() if isinstance(told, str) else told)]
"""Parted by commas or spaces."""

Networks = Annotated[Names, AfterValidator(lambda told: tuple(str(ip_network(one, strict=False)) for one in told))]
"""Addresses, and networks as in `10.0.0.0/8`."""
SAFE_URL = r"^(https://[^/\s]+(/\S*)?|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/\S*)?)?$"
"""https, or on loopback."""


class VoiceSettings(BaseSettings):
    """What conversations are told from outside."""

    # the mirror, and questions as they come in
    mirror_poll_s: float = Field(0.2, description="how often a mirror looks for new views")
    mirror_retry_max_s: float = Field(2.0, description="longest wait of a mirror between two tries while Redis is down")
    mirror_start_s: float = Field(0.5, gt=0, description="longest that a start with a snapshot waits for Redis before it answers from the snapshot alone")
    mirror_snapshot_s: float = Field(10.0, description="how often a mirror saves what changed, for its next start")
    voice_thread_turn_s: float = Field(
        0.001, gt=0, description="how long a thread of voice beside the one that answers (snapshots, indexes of extents) may keep that waiting"
    )
    extents_max: int = Field(50_000, ge=0, description="most open outages whose devices and shapes voice knows; of more, those that came last are told by area")
    extent_positions_max: int = Field(200, ge=4, description="most positions of an outage's shape as voice knows it; one with more is simplified")
    voice_body_max_bytes: int = Field(64 * 1024, description="largest question, as a request; larger ones get 413")
    voice_body_timeout_s: float = Field(5.0, description="longest a question may take to arrive, as a request")
    voice_text_max_chars: int = Field(500, description="longest question in words")
    voice_confident: float = Field(0.96, ge=0, le=1, description="a question understood less surely than this is answered with 'did you mean'")
    voice_unsure: float = Field(0.25, ge=0, le=1, description="what a question means less surely than this isn't offered in 'did you mean'")
    voice_danger: float = Field(0.7, ge=0, le=1, description="how surely a question must tell of a danger to be answered with safety words at once")

    voice_phrases_kept: int = Field(
        4_096, ge=0, description="phrases of each language whose meaning a process remembers, of those made of nothing but words that every question may have"
    )
    voice_phrase_kept_max_chars: int = Field(120, ge=0, description="letters of the longest of them")

    # limits of each asker (docs/decisions/0027)
    voice_asker_per_minute: float = Field(
        30.0, ge=0, description="questions a minute that one asker may put through a platform that says who asks; 0: any number"
    )
    voice_asker_burst: int = Field(30, ge=1, description="how many of them at once")
    voice_address_per_minute: float = Field(
        1_200.0, ge=0, description="requests a minute from one client address to /voice/v1/ask and /voice/v1/chat; many telephones share one; 0: any number"
    )
    voice_address_burst: int = Field(300, ge=1, description="how many of them at once")
    mcp_address_per_minute: float = Field(
        6_000.0, ge=0, description="requests a minute from one client address to /mcp: an assistant's servers ask for many people"
    )
    mcp_address_burst: int = Field(1_000, ge=1, description="how many of them at once")
    voice_dangers_per_minute: float = Field(
        0.5, gt=0, description="turns a minute in which somebody beyond these limits may still report a danger; beyond, they hear what keeps them safe"
    )
    voice_dangers_burst: int = Field(4, ge=2, description="how many of them at once: one report takes two")
    voice_askers_kept: int = Field(
        50_000, ge=1, description="askers, and as many addresses, whose limits a process remembers; those silent longest are forgotten"
    )

    # multiple-choice flows
    voice_flows: Path | None = Field(None, description="folder of YAML flows (docs/voice.md) in place of ours: a safety quiz, a help finder, outage steps")

    # what electricity costs
    tariff: Path | None = Field(None, description="YAML file of plans, hours, holidays and prices (docs/tariffs.md); empty: Ontario's")
    tariff_plan: str = Field("tou", description="plan that is told to whoever names none and has no linked account")

    # customers: whose outage it is, and what they owe (docs/customers.md)
    customers_url: str = Field("", description="SQLAlchemy URL of the customer database, which is only read; empty: none")
    customers_api_url: str = Field("", pattern=SAFE_URL, description="address of the utility's customers API, in place of a database; empty: none")
    customers_api_token_url: str = Field("", pattern=SAFE_URL, description="token endpoint of that API (OAuth 2.0 client credentials)")
    customers_api_client_id: str = Field("", description="who we are there")
    customers_api_client_secret: SecretStr = Field(SecretStr(""), description="our secret there")
    customers_api_scope: str = Field("", description="scope that is asked for there; empty: none is")
    customers_api_max_bytes: int = Field(64 * 1024, ge=1, description="largest answer of that API that is read")
    customers_timeout_s: float = Field(1.5, gt=0, description="longest that an answer waits for a customer, or for whose a token is")
    customers_lookups_max: int = Field(32, ge=1, description="most that wait for it at a time in a process; further ones are told at once that it can't be had")
    customers_threads: int = Field(4, ge=1, description="threads of a process that ask the customer database")
    customers_open_after: int = Field(5, ge=1, description="failures in a row after which the directory is left alone")
    customers_open_s: float = Field(10.0, gt=0, description="how long it is left alone, before one question tries it again")
    customers_fresh_s: float = Field(30.0, ge=0, description="how long a process remembers a customer")
    customers_kept: int = Field(10_000, ge=1, description="most customers that it remembers")
    outage_close_m: float = Field(150.0, ge=0, description="an outage told as a point or a line may reach an address within this many metres")

    # tokens of linked accounts, of the utility's own issuer
    accounts_issuer: str = Field("", pattern=SAFE_URL, description="issuer of customers' access tokens, to the letter; empty: none are taken")
    accounts_audience: str = Field("", description="what those tokens must be for (`aud`); needed where there is an issuer")
    accounts_jwks_url: str = Field("", pattern=SAFE_URL, description="where that issuer's keys are; empty: where its discovery document says")
    accounts_claim: str = Field("sub", description="claim that holds the customer's id, as the directory spells it")
    accounts_scope: str = Field("", description="scope that those tokens must have; empty: any will do")

    # account linking by the demo's own authorization server (docs/customers.md)
    linking_url: str = Field("", description="SQLAlchemy URL of what the demo's authorization server keeps; empty: there is none")
    linking_clients: dict[str, tuple[str, ...]] = Field(
        {"demo": ("http://127.0.0.1/linked",)},
        description="JSON: who may ask for accounts there, each with the addresses that answers may go to, to the letter; on 127.0.0.1 any port will do",
    )
    linking_client_secrets: dict[str, SecretStr] = Field({}, description="JSON: secrets of those clients that have one; the others rely on PKCE alone")
    linking_code_s: float = Field(60.0, gt=0, le=600, description="how long a code may be turned into tokens")
    linking_access_s: float = Field(3600.0, gt=0, description="how long an access token is good")
    linking_refresh_s: float = Field(90 * 24 * 3600.0, gt=0, description="how long a refresh token is good; each use gives a new one")
    linking_logins_per_minute: int = Field(10, ge=1, description="most login codes tried in a minute from one client address, in one process")
    linking_grants_max: int = Field(100_000, ge=1, description="most codes and tokens that are kept")

    # platforms that are asked again where they heard nothing in time
    voice_retry_s: float = Field(
        60.0, gt=0, description="a platform's request that comes again within this gets the same answer; later it is refused as replayed"
    )
    voice_retries_kept: int = Field(10_000, ge=1, description="most answers that a process remembers for that")

    # Dialogflow
    dialogflow_audience: str = Field(
        "", description="address of the webhook, as it is set in Dialogflow: what its tokens are for (`aud`); empty: it is not served"
    )
    dialogflow_callers: Names = Field(
        (), description="e-mail addresses that may call: service-<project number>@gcp-sa-dialogflow.iam.gserviceaccount.com; needed where there is an audience"
    )
    dialogflow_edition: Literal["cx", "es"] = Field("cx", description="which Dialogflow calls: when more ask than can be answered, it hears so in its protocol")
    dialogflow_issuer: str = Field("https://accounts.google.com", pattern=SAFE_URL, description="issuer of the tokens that Dialogflow sends, to the letter")
    dialogflow_jwks_url: str = Field(
        "https://www.googleapis.com/oauth2/v3/certs", pattern=SAFE_URL, description="where that issuer's keys are; empty: where its discovery document says"
    )
    dialogflow_intents: dict[str, str] = Field(
        {}, description='the agent\'s own names (tags, intents, actions), each with an intent of ours: {"Panne.Etat": "outage_status"}'
    )

    # Alexa
    alexa_skill_ids: Names = Field((), description="ids of our Alexa skills (amzn1.ask.skill...), parted by commas; empty: no request of Alexa's is answered")
    alexa_roots: Path | None = Field(
        None, description="PEM of the certificate authorities that Alexa's signatures may go back to, in place of the public ones: for development and tests"
    )
    alexa_certificates: Path | None = Field(
        None, description="folder to take Alexa's signing certificates from, in place of Amazon's host: for development and tests"
    )
    alexa_certificate_fresh_s: float = Field(
        3_600.0, gt=0, le=3_600, description="a certificate that was proved is good for this long before it is proved anew"
    )
    alexa_certificate_retry_s: float = Field(60.0, ge=1, description="a certificate that could not be had or proved is not tried again for this long")
    alexa_certificates_max: int = Field(8, ge=1, description="certificates of Alexa's that are kept")
    alexa_certificate_timeout_s: float = Field(2.0, gt=0, description="longest that fetching a certificate of Alexa's may take")
    alexa_certificate_max_bytes: int = Field(64 * 1024, ge=1, description="largest file of certificates")
    alexa_tolerance_s: float = Field(150.0, gt=0, le=150, description="how far a request's time may be from ours: Amazon allows no more than 150")
    alexa_event_tolerance_s: float = Field(3_600.0, gt=0, le=3_600, description="the same for events that nobody spoke, which Amazon delivers late")
    alexa_api_timeout_s: float = Field(1.0, gt=0, le=3, description="longest that an answer waits for the device's postal code")
    alexa_api_calls_max: int = Field(64, ge=1, description="calls of Alexa's API at a time; where there are more, the question is asked back instead")
    alexa_api_rest_s: float = Field(10.0, ge=0, description="after a call that failed, Alexa's API isn't asked for this long")
    alexa_api_url: str = Field("", pattern=SAFE_URL, description="origin to ask in place of Alexa's API: for tests")
    alexa_meanwhile_after_s: float = Field(0.6, gt=0, description="an answer about an account that takes longer is announced with a word meanwhile")
    alexa_client_id: str = Field("", description="the skill's own client for events that it starts (Permissions page); empty: it starts none")
    alexa_client_secret: SecretStr = Field(SecretStr(""), description="its secret")
    alexa_proactive_url: str = Field(
        "https://api.amazonalexa.com/v1/proactiveEvents",
        pattern=SAFE_URL,
        description="where events go that the skill starts; before it is live: https://api.amazonalexa.com/v1/proactiveEvents/stages/development",
    )
    alexa_token_url: str = Field("https://api.amazon.com/auth/o2/token", pattern=SAFE_URL, description="where the token for them comes from")
    alexa_card_image_url: str = Field(
        "", pattern=r"^(https://\S{1,1990})?$", description="picture on the cards in the Alexa app, an https address; empty: none"
    )

    # where people find help
    centres: Path | None = Field(None, description="YAML file of centres that help (docs/centres.md), read again when it changes; empty: none")
    centres_look_s: float = Field(5.0, ge=0, description="how often that file is looked at, while people ask")

    # Twilio
    twilio_auth_token: SecretStr = Field(
        SecretStr(""), description="auth token of the Twilio account, which signs its requests; empty: none so signed is taken"
    )
    twilio_shared_key: SecretStr = Field(
        SecretStr(""), description="secret of the shared key that signs requests with HMAC-SHA256; empty: none so signed is taken"
    )
    twilio_url: str = Field("", pattern=SAFE_URL, description="address of the webhook, as it is set in Twilio; empty: /voice/v1/twilio of the public URL")
    twilio_agent_line: str = Field("", description="telephone number that calls are handed to; empty: the outage line")
    twilio_ring_s: int = Field(30, ge=5, le=600, description="how long that line rings before the caller is told that nobody is there")
    twilio_silence_s: int = Field(5, ge=1, le=60, description="how long a caller may say nothing before they are asked again")
    twilio_turn_s: float = Field(300.0, gt=0, description="longest between two turns of a call; a request of an older address is refused as replayed")
    twilio_hints_max: int = Field(200, ge=0, le=450, description="most place names that speech recognition is told to expect; Twilio takes 500 hints")
    twilio_voice_en: str = Field("", description="Twilio's voice in English, such as Polly.Joanna-Neural; empty: its own choice")
    twilio_voice_fr: str = Field("", description="the same in French, such as Polly.Gabrielle-Neural")
    twilio_segments_max: int = Field(2, ge=1, le=10, description="most segments of one text message; a longer answer is parted between its sentences")
    twilio_messages_max: int = Field(3, ge=1, le=10, description="most text messages of one answer, in one language")
    twilio_keywords: Literal["twilio", "ours"] = Field(
        "twilio", description="who answers STOP, HELP and START: Twilio, as it does by itself, or we, where that was turned off (short codes)"
    )

    # Messenger
    messenger_app_secret: SecretStr = Field(SecretStr(""), description="the Facebook app's secret, which signs what its webhook gets; empty: not served")
    messenger_verify_token: SecretStr = Field(SecretStr(""), description="word of your own that is entered with the webhook's address")
    messenger_page_token: SecretStr = Field(SecretStr(""), description="access token of the page that answers")
    messenger_url: str = Field("https://graph.facebook.com", pattern=SAFE_URL, description="origin of the Graph API")
    messenger_version: str = Field("v25.0", pattern=r"^v\d+\.\d+$", description="its version")
    messenger_timeout_s: float = Field(5.0, gt=0, description="longest that one call of it may take")
    messenger_tries: int = Field(3, ge=1, le=10, description="most times that one message is tried")
    messenger_wait_max_s: float = Field(8.0, gt=0, description="longest wait between two tries; where the API asks for more, the message is given up")
    messenger_body_max_bytes: int = Field(1024 * 1024, ge=1, description="largest batch of events; larger ones get 413")
    messenger_queue_max: int = Field(2_000, ge=1, description="most events that wait to be answered; more are shed, and counted")
    messenger_senders: int = Field(16, ge=1, description="most people who are answered at the same time")
    messenger_seen_max: int = Field(50_000, ge=1, description="events that a process remembers, so that one that is delivered again is answered once")
    messenger_people_max: int = Field(20_000, ge=1, description="people whose language and last place a process remembers, in memory alone")
    messenger_gap_s: float = Field(43_200.0, gt=0, description="after so long without a word, somebody is told again that a bot answers")
    messenger_close_s: float = Field(5.0, gt=0, description="longest that a process which ends goes on answering what it took in")

    # what people ask
    asked_flush_s: float = Field(10.0, gt=0, description="how often a voice process hands in its counts of what was asked")
    asked_every_s: float = Field(600.0, gt=0, description="how often the counts are taken into the ledger")
    asked_kept_s: float = Field(604_800.0, gt=0, description="how long the counts stay in Redis, where the ledger is down")
    asked_phrases_kept_s: float = Field(2_592_000.0, gt=0, description="how long redacted words that were not understood are kept")
    asked_phrases_max: int = Field(5_000, ge=0, description="different ones that are kept a day, and that a process holds between two hand-ins")
    asked_phrases_asker_max: int = Field(20, ge=1, description="the same of one asker or client address, in each process")
    asked_phrase_max_chars: int = Field(120, ge=1, description="letters of one that are kept")
    asked_sessions_max: int = Field(10_000, ge=1, description="conversations that a voice process keeps in mind, to see who gives up")

    # what people report
    reports: bool = Field(
        True,
        description="reports of outages and hazards are kept for the crew desk (`surgecast reports`); off, where nobody reads them, people are told to call",
    )
    reports_kept: int = Field(20_000, ge=1, description="most reports kept, of outages and of hazards each, and as many of unnamed askers; the oldest go first")
    reports_keep_days: int = Field(30, ge=1, le=3_650, description="how long they are kept")
    reports_named_for: Names = Field(
        (), description="accounts of this system (user names) that may see whom reports are of: `surgecast reports --named`; empty: nobody"
    )
    reports_looks_kept: int = Field(10_000, ge=1, description="most entries kept of who has looked at that: `surgecast reports --looks`")
    reports_again_s: float = Field(900.0, ge=1, description="the same said again by one asker within this is one report")
    reports_per_minute: int = Field(600, ge=1, description="most reports a minute that are taken, of outages and of hazards each; others are told to call")
    reports_asker_per_minute: int = Field(5, ge=1, description="the same of one asker")
    reports_unnamed_per_minute: int = Field(120, ge=1, description="the same of all askers together whom their platform doesn't name")
    reports_said_max_chars: int = Field(200, ge=20, le=2_000, description="most letters of where it is, in the asker's words, that a report keeps")
    reports_timeout_s: float = Field(0.3, gt=0, description="longest that taking a report may take; then the asker is told to call")
    reports_at_once: int = Field(32, ge=1, description="most reports that a process takes at once; others are told to call")
    reports_open_after: int = Field(3, ge=1, description="failures in a row after which a process leaves the reports' Redis alone")
    reports_open_s: float = Field(5.0, gt=0, description="for this long")
    asker_key: SecretStr = Field(
        SecretStr(""), description="key that askers' ids are hashed with; the same for all voice processes; empty: made, and kept in the data folder"
    )

    # who is told when power is back
    twilio_account_sid: str = Field("", description="id of the Twilio account (AC...), for text messages that we send; without it, token and sender: none")
    twilio_sender: str = Field("", description="what they come from: a telephone number (+1613...), or a Messaging Service (MG...)")
    twilio_api_url: str = Field("https://api.twilio.com", pattern=SAFE_URL, description="origin of Twilio's API")
    twilio_timeout_s: float = Field(5.0, gt=0, description="longest wait for it")
    waiting_hours: float = Field(72.0, gt=0, description="how long somebody waits at most to be told that power is back")
    messenger_waiting_hours: float = Field(
        23.5, gt=0, le=24, description="the same on Messenger, where nobody may be written to more than 24 hours after their last word"
    )
    waiting_max: int = Field(200_000, ge=1, description="most people who wait at once")
    waiting_area_max: int = Field(50_000, ge=1, description="the same for one area")
    waiting_person_max: int = Field(5, ge=1, description="most areas that one person waits for")
    waiting_devices_max: int = Field(
        20, ge=0, description="most devices of a premise that are kept with somebody who waits for its outage, those nearest to it"
    )
    waiting_confirm_hours: float = Field(
        12.0, gt=0, description="how long somebody who asked by telephone may take to answer the text that asks whether they did"
    )
    waiting_asks_numbers: Names = Field(
        ("+1",), description="how numbers begin that may be texted because somebody called from them; who calls from elsewhere is told to text us"
    )
    waiting_asks_per_day: int = Field(2, ge=1, description="most such texts to one number a day (UTC)")
    waiting_asks_all_per_day: int = Field(
        2_000, ge=0, description="the same to all numbers together: each costs, and calls can be made from made-up numbers; beyond, people are told to text us"
    )
    waiting_asks_line_max: int = Field(60, ge=1, description="with so many texts to be sent, nobody is asked so: they are told to text us")
    waiting_asked_max: int = Field(20_000, ge=1, description="most people of whom an answer is awaited at once")
    waiting_timeout_s: float = Field(0.3, gt=0, description="longest that putting somebody on the list may take; then they are asked to try again")
    waiting_at_once: int = Field(32, ge=1, description="most people whom a process puts on the list at once")
    notices_per_s: float = Field(1.0, gt=0, description="text messages a second that are sent: what the sender's number may")
    notices_alexa_per_s: float = Field(5.0, gt=0, description="the same of Alexa's notifications")
    notices_messenger_per_s: float = Field(5.0, gt=0, description="the same of messages on Messenger")
    notices_timeout_s: float = Field(3.0, gt=0, description="longest wait for one call of Alexa's or Messenger's API that sends one")
    notices_batch: int = Field(200, ge=1, description="notices looked at in one step")
    notices_run_max_s: float = Field(
        6.0, gt=0, description="one task stops sending after this long; with twilio_timeout_s or four notices_timeout_s, below task_time_limit_s"
    )
    notices_doubt_s: float = Field(60.0, gt=0, description="a notice that may be out is asked about after this long: more than sending one may take")
    notices_retry_s: float = Field(60.0, gt=0, description="wait before a service that is down, limits us or won't have us is tried again")
    notices_worth_hours: float = Field(6.0, gt=0, description="how long after the outage a notice is still sent")

    @property
    def texts_can_be_sent(self) -> bool:
        """Whether text messages can be sent that nobody asked for just now."""
        return bool(self.twilio_account_sid and self.twilio_auth_token.get_secret_value() and self.twilio_sender)

    @property
    def alexa_can_notify(self) -> bool:
        """Whether the Alexa skill can tell what nobody asked for just now."""
        return bool(self.alexa_skill_ids and self.alexa_client_id and self.alexa_client_secret.get_secret_value())

    @property
    def messenger_can_write(self) -> bool:
        """Whether people on Messenger can be written to."""
        secrets = self.messenger_app_secret, self.messenger_verify_token, self.messenger_page_token
        return all(secret.get_secret_value() for secret in secrets)

    @property
    def notices_can_be_sent(self) -> bool:
        """Whether anybody can be told that power is back. Where not, the notices channel has nothing to do: nothing falls due for it, and nobody rings."""
        return self.texts_can_be_sent or self.alexa_can_notify or self.messenger_can_write

    @property
    def knows_customers(self) -> bool:
        """Whether any customers, or accounts of any, are set up."""
        return bool(self.customers_url or self.customers_api_url or self.accounts_issuer or self.linking_url)

    # AI assistants, by the Model Context Protocol (/mcp)
    mcp: Literal["on demand", "at start", "off"] = Field(
        "on demand", description="when what answers assistants is loaded (25 MB a process): with the first request, at the start, or never"
    )
    mcp_hosts: Names = Field((), description="names by which /mcp may be called, besides the public URL's host and those on loopback; without ports")
    mcp_origins: Names = Field((), description="origins whose pages may call /mcp, such as https://assistant.example, besides those of these hosts")
    mcp_challenge: bool = Field(
        True, description="whether a 401 of /mcp has WWW-Authenticate, as RFC 9728 has it; false for Alexa+, which wants none and reads /.well-known itself"
    )
    mcp_summary_areas: int = Field(200, ge=0, description="most areas in the summary that assistants can read; those with most customers out")
