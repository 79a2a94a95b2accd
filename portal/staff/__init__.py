"""Who works here, in which role, at which centres. Not how they sign in."""
