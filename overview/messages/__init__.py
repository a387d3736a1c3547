"""Messages to people about their hotels: recorded once, kept in an inbox, sent by mail, webhook."""
