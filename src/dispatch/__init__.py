"""Dispatch turns posts into email issues and feeds, and brings each to the people who asked for it."""

__version__ = "0.1.0"
