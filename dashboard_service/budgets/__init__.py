"""A hotel's budget by month: what a year is planned to sell."""
