"""What women say of the service, so that nobody can tell who said it."""
