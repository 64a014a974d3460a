"""Sources that don't send but are asked: polled on a schedule, and handed in at the front door like those that send."""
