"""What was handed in, and its place in the queue."""
