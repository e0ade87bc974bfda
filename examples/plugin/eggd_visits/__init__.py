"""The visits of all workers together, counted by the agent."""
