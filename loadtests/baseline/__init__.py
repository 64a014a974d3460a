"""The design that Surgecast is measured against: what one writes first, written well. One Celery task an event and channel, Redis as broker."""
