"""The woman's record: names, safe contact, switches, restrictions. Never sends anything itself."""
