"""What is said on the wire: every container and call of the two APIs, with its mandatory fields and formats.

The names are those of docs/spec/api.json, written as Python writes them. Nothing here decides anything.
"""
