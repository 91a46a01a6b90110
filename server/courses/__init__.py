"""Courses, sections and who is enrolled in them."""
