"""``demo``: the invented patients of the examples, to try the bench on."""
