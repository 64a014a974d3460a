"""AI assistants, by the Model Context Protocol: the same answers as tools that only read. The protocol itself is the `mcp` library's, in both its eras."""
