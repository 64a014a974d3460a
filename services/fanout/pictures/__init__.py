"""The map picture that goes with a post. Pure drawing: what is on it (`scene`), where the areas lie (`atlas`), how it is drawn (`drawing`, `lettering`)."""
