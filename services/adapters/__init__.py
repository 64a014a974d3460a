"""The kernel's ports, met: on Redis, on SQL, on a folder, on the networks; and in memory, each the honest twin of the real one."""
