"""What a person marks: rubrics, marks, comments at lines, who marks what, and when students see it."""
