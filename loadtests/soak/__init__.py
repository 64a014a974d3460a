"""Loads that go on for minutes, while something is away."""
