"""Applications to compare the system with: Django at its fastest, and plain REST framework."""
