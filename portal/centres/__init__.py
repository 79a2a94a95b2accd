"""Women's centres: places, rooms, opening hours, closures, what each offers. Knows no client."""
