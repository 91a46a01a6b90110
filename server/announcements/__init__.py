"""公告: what a course tells its people, on its page and in the groups where they are anyway."""
