"""复核: students ask about a check or a question, staff answer, and what follows from it is points or another run."""
