"""People from files: the rows of a subscribers' file, and who of them may join."""
