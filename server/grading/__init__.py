"""Runs: the judge's reports on submissions, and the work of getting them."""
