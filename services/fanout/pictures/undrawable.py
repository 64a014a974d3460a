"""Why there is no picture."""


class Undrawable(Exception):
    """There can be no picture of this; one sentence says why. The post goes without."""
