"""Reading the dashboard's figures; nothing here writes or sends an HTTP request."""
