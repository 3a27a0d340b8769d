"""Staff users, API keys, sign-in, tokens, sessions, permissions."""
