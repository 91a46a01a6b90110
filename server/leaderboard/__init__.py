"""Rankings: a query over runs, never a table."""
