"""Staff pages that join several rooms: the board, a client's whole file, switches."""
