"""Django's formats of numbers, by language: what a template writes without a tag of ours is plain.

Such numbers are attributes of SVG and forms, which the browser reads, in every language with a
point. Numbers for people are written by `common.templatetags.number_formats`.
"""
