"""The worker: queue, schedule, heartbeat, and the supervisor that starts web and worker. The rooms do the work."""
