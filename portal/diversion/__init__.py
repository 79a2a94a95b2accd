"""Referral, conditions, and the fixed set of facts that the police are told (R31)."""
