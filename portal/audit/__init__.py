"""Who did what to which record: ids only, append-only, hash-chained. Never holds names or words."""
