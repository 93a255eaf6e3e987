"""What is kept of an attempt: the record, and playing it again."""
