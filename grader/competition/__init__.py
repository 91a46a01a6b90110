"""Competitions: one run measured on a public and a private half, and what a place on the board is worth."""
