"""An edition as bytes with slots, and the splice that makes it one person's message. Pure."""
