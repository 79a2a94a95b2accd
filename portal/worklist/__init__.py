"""What people must do, by when, and who covers. Raised by every room above; never does the work itself."""
