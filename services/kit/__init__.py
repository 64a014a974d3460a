"""How any service runs: settings, logs, metrics, HTTP, tasks, retries."""
