"""The worker: queue, schedule, heartbeat, and the supervisor that starts web and worker. Thin: the rooms do the work."""
