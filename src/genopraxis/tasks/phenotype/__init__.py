"""The phenotype task: which disease or gene explains these signs."""
