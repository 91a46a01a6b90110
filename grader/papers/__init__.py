"""One variant as its student has it on paper, and two of them side by side."""
