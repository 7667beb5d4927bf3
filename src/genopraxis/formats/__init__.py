"""The field's files, in and out."""
