"""Grades: weights, categories, overrides, statistics."""
