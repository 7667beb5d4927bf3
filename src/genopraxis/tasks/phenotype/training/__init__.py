"""How the weights of ``phenotype.ranker`` are made: decoys, examples, folds, fitting, calibration."""
