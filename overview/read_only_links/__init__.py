"""Links by which whoever has one reads one hotel's monthly report for some days, and no more."""
