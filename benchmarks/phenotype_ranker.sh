#!/usr/bin/env bash
# Trains phenotype.ranker and makes its cross-validated figures of docs/benchmarks/phenotype.md.
#   benchmarks/phenotype_ranker.sh DATA_FOLDER OUT_FOLDER
set -euo pipefail
data=$1 out=$2
store="$data/phenopacket_store_dev.jsonl.gz"

# five folds by publication, then weights and library from everything
genopraxis tools train phenotype.ranker --cases "$store" --out "$out/trained" --folds 5 --jobs 2 \
  --source "github.com/monarch-initiative/phenopacket-store (Danis et al. 2025, doi:10.1016/j.xhgg.2024.100371)" \
  --version "commit b694d17ec6fd3bccab8a69235f4e13b0b82b7ae5, development part" --licence BSD-3-Clause

# the held-out predictions, scored like those of any other program
genopraxis tools show phenotype.ranker >"$out/card.json"
genopraxis bench run phenotype --cases "$store" --predictions "$out/trained/cross-validated.parquet" \
  --tool-card "$out/card.json" --regime publication-out --out "$out/held-out"
