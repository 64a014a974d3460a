"""`python -m services` is `surgecast`."""

from services.cli.app import run

if __name__ == "__main__":
    run()
