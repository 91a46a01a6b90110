"""What students say they have used: people, links, AI tools."""
