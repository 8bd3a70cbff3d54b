"""The command line: one file a noun, no logic."""

import gc

gc.disable()  # what is loaded stays: looking through it for rubbish costs a tenth of the start

from dispatch.cli.main import main  # noqa: E402

gc.freeze()  # nor is it looked through later, as the first collection would do at once
gc.enable()

__all__ = ["main"]
