"""Registry of what every room keeps: classes of data, retention, copies, erasure."""
