"""课堂表现: notes with points, drawing a student, solutions that are presented and shown."""
