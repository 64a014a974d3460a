"""Account linking for the demo utility: an OAuth 2.0 authorization server (RFC 6749) of our own. A real utility has one already."""
