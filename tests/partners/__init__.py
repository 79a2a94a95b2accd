"""Partners: what she agreed to, what they were told, and nothing else."""
