"""What the services need of the outside. Each port has a real adapter and an in-memory twin; one contract test runs on both.

Every docstring says what happens when the backing is down: that is part of the promise.
"""
