"""Who sees whom: every route and every service tried by everybody, with records in and beyond reach."""
