"""What is set in a course: dates, quotas, which folder of content."""
