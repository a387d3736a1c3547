"""What booking systems report about our prices in them, over REST and on the page."""
