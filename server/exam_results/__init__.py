"""After an exam: results, release, second marking, papers, the archive. Built on exams, which knows nothing of it."""
