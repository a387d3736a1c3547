"""Code that all apps share: access rights, strict input, web pages, pagination, formats, errors."""
