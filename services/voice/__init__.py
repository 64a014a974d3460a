"""Questions answered, by voice and chat, from memory."""
