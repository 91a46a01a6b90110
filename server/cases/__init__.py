"""Cases: opened by a person, heard, decided by a person, kept no longer than needed."""
