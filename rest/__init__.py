"""The ground floor of both REST services: strict parameters, JSON, paging, errors."""
