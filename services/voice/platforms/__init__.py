"""One module a platform: its protocol in and out, nothing decided."""
