"""`surgecast plan`: what would have been posted of a recorded storm, when, and at what price."""
