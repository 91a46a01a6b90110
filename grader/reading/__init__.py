"""Reads a submission's source: which names it binds, which it uses, and how it reaches around names. Runs none of it."""
