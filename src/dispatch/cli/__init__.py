"""The command line: one file a noun, no logic."""

from dispatch.cli.main import main

__all__ = ["main"]
