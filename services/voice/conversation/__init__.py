"""The one conversation core: whatever platform a question came by, it is answered here, from memory."""
