"""The relay: journal entries become due work, and whoever has to do it is told. The stream is the truth, a task is a doorbell."""
