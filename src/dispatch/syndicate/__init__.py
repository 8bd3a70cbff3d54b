"""Posts become feeds and pages below `public/`."""
