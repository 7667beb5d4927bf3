"""The built-in tools of the phenotype task, one file each."""
