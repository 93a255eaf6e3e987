"""What happened, told to the one who did it: a record read, drawn and set on one page."""
