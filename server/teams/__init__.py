"""Students who hand in together: one row on the board, one quota."""
