"""The page on which owners set what staff set in the admin, for their own hotel.

It saves through the REST API (`PATCH /dashboard/hotels/<id>/`, `PATCH /prices/hotels/<id>/`), so
that what is valid is decided in one place.
"""
