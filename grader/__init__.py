"""Judges one submission: a job goes in, a report comes out. Works without the server."""
