"""One folder a clinical problem, each with the same rooms. A task never imports another task."""
