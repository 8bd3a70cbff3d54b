"""An issue for one cohort becomes an edition: HTML, text, subject and headers. Pure but for the templates it reads."""
