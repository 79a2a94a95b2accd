"""The HTTP kit: blueprints with their guards, headers, errors, forms, leaving. Stores nothing, knows no room."""
