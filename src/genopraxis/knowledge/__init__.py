"""Reference knowledge, versioned and checksummed, each piece with its licence."""
