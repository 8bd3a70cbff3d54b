"""Who runs the chunks, and where."""
