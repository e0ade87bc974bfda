"""eggd_visits: the visits of all workers together, counted by the agent."""
