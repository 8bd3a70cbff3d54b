"""Decisions, all pure: when a cadence comes next, who gets what."""
