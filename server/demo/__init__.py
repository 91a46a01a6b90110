"""A sample course with people and real submissions, graded before your eyes."""
