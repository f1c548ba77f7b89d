"""Approach planning, interaction replay and the ExecuteTask action."""
