"""Rehearsals: a class of simulated students sits an exam before the day, apart from everybody real."""
