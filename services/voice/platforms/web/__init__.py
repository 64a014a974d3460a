"""Chat on the status page: JSON in and out, with a memory that the page hands back."""
