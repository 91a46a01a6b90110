"""考勤: roll calls with a rotating code, corrections by staff, leave that was asked for."""
