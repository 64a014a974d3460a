"""The skill's manifest (`skill.json`, version 1.0) and what the ASK CLI deploys it by."""

from collections.abc import Mapping
from typing import Any

from services.kernel.messages import Lang, Wording

LOCALES: Mapping[str, Lang] = {"en-CA": "en", "en-US": "en", "fr-CA": "fr"}
PERMISSIONS = ("alexa:devices:all:address:country_and_postal_code:read", "alexa::devices:all:geolocation:read", "alexa::devices:all:notifications:write")
EVENTS = (
    "SKILL_ENABLED",
    "SKILL_DISABLED",
    "SKILL_PERMISSION_ACCEPTED",
    "SKILL_PERMISSION_CHANGED",
    "SKILL_ACCOUNT_LINKED",
    "SKILL_PROACTIVE_SUBSCRIPTION_CHANGED",
)
EXAMPLES = ("alexa-example-status", "alexa-example-restoration", "alexa-example-rates")


def manifest(wordings: Mapping[Lang, Wording], invocations: Mapping[Lang, str], endpoint: str, privacy_url: str) -> dict[str, Any]:
    """`skill.json`. `endpoint` is where Alexa reaches `POST /voice/v1/alexa`: https."""
    server = {"uri": endpoint, "sslCertificateType": "Trusted"}
    publishing = {
        "isAvailableWorldwide": False,
        "distributionCountries": ["CA", "US"],
        "distributionMode": "PUBLIC",
        "category": "UTILITIES",
        "testingInstructions": wordings["en"].say("alexa-store-testing"),
        "locales": {locale: _shop(wordings[lang], invocations[lang]) for locale, lang in LOCALES.items()},
    }
    privacy = {
        "allowsPurchases": False,
        "usesPersonalInfo": True,
        "isChildDirected": False,
        "isExportCompliant": True,
        "containsAds": False,
        "locales": {locale: {"privacyPolicyUrl": privacy_url} for locale in LOCALES},
    }
    events = {
        "publications": [{"eventName": "AMAZON.MessageAlert.Activated"}],
        "subscriptions": [{"eventName": name} for name in EVENTS],
        "endpoint": server,
    }
    return {
        "manifest": {
            "manifestVersion": "1.0",
            "publishingInformation": publishing,
            "privacyAndCompliance": privacy,
            "permissions": [{"name": name} for name in PERMISSIONS],
            "events": events,
            "apis": {"custom": {"endpoint": server, "interfaces": []}},
        }
    }


def resources() -> dict[str, Any]:
    """`ask-resources.json`: the default profile deploys the package."""
    return {"askcliResourcesVersion": "2020-03-31", "profiles": {"default": {"skillMetadata": {"src": "./skill-package"}}}}


def _shop(wording: Wording, invocation: str) -> dict[str, Any]:
    return {
        "name": wording.say("alexa-card-title"),
        "summary": wording.say("alexa-store-summary"),
        "description": wording.say("alexa-store-description"),
        "examplePhrases": [wording.say(example, invocation=invocation) for example in EXAMPLES],
        "keywords": wording.say("alexa-store-keywords").split(", "),
    }
