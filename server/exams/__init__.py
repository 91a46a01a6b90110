"""Timed sittings: who sits where until when, what has been saved, and what the staff see of it."""
