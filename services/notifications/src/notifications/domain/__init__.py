"""What a family is told, whether it may be told, and what became of it: pure rules, no technology."""
