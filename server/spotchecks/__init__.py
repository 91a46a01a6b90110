"""抽查: a seeded sample of submissions that somebody reads and asks about."""
