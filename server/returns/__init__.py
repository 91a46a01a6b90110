"""退回修改: what does not run goes back to its author once, and comes again at a price that the course has set."""
