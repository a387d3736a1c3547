"""The budget of a year by month, beside what is on the books, last year, and the forecast."""
