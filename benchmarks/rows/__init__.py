"""What is measured. A row is a function that takes a RunSize and returns one or several Results."""
