"""`surgecast replay`: a recorded storm, sent again. `frames` reads it, `sender` sends it, `outputs` waits for what comes out, `report` tells."""
