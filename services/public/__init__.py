"""Feeds, status page and map, read-only: served from memory, of files that were rendered before anyone asked."""
