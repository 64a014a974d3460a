"""Did Twilio post this? By its own library's validator; the address that it signed is ours by the settings, as a proxy's `Host` may be anybody's.

https://www.twilio.com/docs/usage/webhooks/webhooks-security
"""

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request


class Signatures:
    """Verifies requests to one address: with the account's auth token (HMAC-SHA1) or, where a request says so, with a shared key (HMAC-SHA256)."""

    def __init__(self, auth_token: str, shared_key: str, url: str) -> None:
        """A secret that is '' takes no request."""
        from twilio import request_validator  # only where Twilio is set up

        self._algorithm_of, self._url = request_validator.get_signature_algorithm, url
        secrets = {request_validator.HMAC_SHA1: auth_token, request_validator.HMAC_SHA256: shared_key}
        self._validators = {name: request_validator.RequestValidator(secret) for name, secret in secrets.items() if secret}
        self._header, self._settings_header = request_validator.SIGNATURE_HEADER, request_validator.SIGNATURE_SETTINGS_HEADER

    def signature(self, request: Request) -> str:
        """The signature that it claims to have, '' where there is none."""
        return request.headers.get(self._header, "")

    def good(self, request: Request, form: ImmutableMultiDict[str, str]) -> bool:
        """Whether Twilio signed this request, with this `form`. The secret goes with the algorithm: neither can stand in for the other."""
        algorithm = str(self._algorithm_of(request.headers.get(self._settings_header, ""))).upper()
        validator, signature = self._validators.get(algorithm), self.signature(request)
        if validator is None or not signature.isascii():
            return False
        query, alone = request.url.query, len(form) == len(form.multi_items())
        return bool(validator.validate(f"{self._url}?{query}" if query else self._url, dict(form) if alone else form, signature, algorithm))
