"""Works that are alike: compared after the deadline, looked at by staff, never shown to students as a number."""
