"""Questions beside code: the form, drafts of answers, and what is shown of them when."""
