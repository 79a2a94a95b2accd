"""What tests build on: factories and stand-ins."""
