"""dispatch.toml and the environment become one frozen Config.

Environment variables named DISPATCH_TABLE__KEY override a key. A plugin's table stays raw here; `app`
validates it by the plugin's own model. Every error names table, key, what is allowed and, where it can
be found, the line.
"""

from dispatch.config.lists import ListTable
from dispatch.config.places import explain, line_of
from dispatch.config.read import read_config
from dispatch.config.tables import Config, DkimTable, Plugin

__all__ = ["Config", "DkimTable", "ListTable", "Plugin", "explain", "line_of", "read_config"]
