"""The site channel: feeds and pages as complete files. What changed is rendered; the rest only gets the new stamp."""
