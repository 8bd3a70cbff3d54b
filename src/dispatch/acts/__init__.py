"""What people can do: one function an act, called by command line and web alike; each leaves an audit line."""
