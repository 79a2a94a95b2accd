"""The directory of outside services and the emergency page. Keeps no trace of who looked."""
