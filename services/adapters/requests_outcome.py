"""What is known of a request by `requests` that no answer came to."""

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

_BEFORE_SENDING = (
    requests.ConnectTimeout,
    requests.exceptions.SSLError,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
)


def never_sent(error: BaseException) -> bool:
    """Whether surely nothing of the request reached the service."""
    if isinstance(error, _BEFORE_SENDING):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
