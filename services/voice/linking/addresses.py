"""Where the authorization server answers; known before it is loaded."""

AUTHORIZE, TOKEN, REVOKE = "/oauth/authorize", "/oauth/token", "/oauth/revoke"
METADATA = "/.well-known/oauth-authorization-server"
ADDRESSES = (("GET", AUTHORIZE), ("POST", AUTHORIZE), ("POST", TOKEN), ("POST", REVOKE), ("GET", METADATA))
