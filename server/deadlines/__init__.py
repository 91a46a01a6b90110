"""Whose work is due when, what lateness costs, and every change of a date."""
