"""How the bench runs the phenotype task: cases, regimes, strata, and what each publication gave."""
