"""What every room stands on: settings, database, clock, crypto, access. No Flask request, no feature lives here."""
