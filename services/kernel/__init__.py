"""What an outage is. Pure: no I/O, no clock, no framework."""
