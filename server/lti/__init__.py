"""LTI 1.3: people come from a learning platform into a course, and their scores go back."""
