"""What one person is told, on a page of their own and by e-mail."""
