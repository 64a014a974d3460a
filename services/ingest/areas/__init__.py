"""The area catalogue at ingest: boundary files in, and the areas of an outage whose source gives only where it is."""
