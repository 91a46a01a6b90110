"""People: sign-in, web sessions, personal API tokens."""
