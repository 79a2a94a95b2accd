"""The worker, the supervisor and the web server that it starts."""
