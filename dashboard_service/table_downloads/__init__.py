"""The tables of the dashboard's page as Excel and CSV at `/dashboard/table/`."""
