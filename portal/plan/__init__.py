"""The support plan: goals, actions, her words. Never marks anything failed by itself."""
