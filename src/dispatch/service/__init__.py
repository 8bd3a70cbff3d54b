"""`dispatch run`: the clock, the watchers, the deliveries and the web server, in one process, until told to stop.

`running` owns the process: the socket, the signals, and which settings are in force. `shift` is the work under one set
of settings, and ends where another begins. `settings` looks at dispatch.toml; `front` is the web server, which
answers through every change of settings.
"""

from dispatch.service.news import News
from dispatch.service.running import Opening, serve

__all__ = ["News", "Opening", "serve"]
