"""What Dispatch talks about, as frozen values: standard library only, one file a concept."""
