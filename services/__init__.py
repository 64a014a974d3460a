"""Surgecast: outage-surge resilient notification software. Each folder here is one service or one layer; docs/architecture.md has the map."""
