#!/usr/bin/env bash
# Makes every accuracy figure of docs/benchmarks/phenotype.md.
#   benchmarks/phenotype_accuracy.sh DATA_FOLDER OUT_FOLDER
set -euo pipefail
data=$1 out=$2
python=${PYTHON:-python}
run() { genopraxis bench run phenotype "$@"; }

# the whole development part of phenopacket-store, both tools, all regimes
run --cases "$data/phenopacket_store_dev.jsonl.gz" --tool phenotype.likelihood --tool phenotype.resnik \
  --regime full --regime case-out --regime publication-out --jobs 2 --out "$out/store"
genopraxis bench compare "$out/store" --tool phenotype.likelihood --tool phenotype.resnik --out "$out/likelihood-vs-resnik"

# the cases of Reese et al. that are not put aside; publication counts from the store, which holds more patients
genopraxis bench publications --cases "$data/phenopacket_store_dev.jsonl.gz" --out "$out/publications.tsv"
run --cases "$data/reese5211_cases_llm_ranks.dev.jsonl.gz" --tool phenotype.likelihood \
  --publications "$out/publications.tsv" --jobs 2 --out "$out/reese"
for model in gpt_4o gpt_o1_preview; do
  "$python" benchmarks/published_ranks.py "$data/reese5211_cases_llm_ranks.dev.jsonl.gz" --rank "$model" \
    --tool "phenotype.${model//_/-}" --version 2024 --citation "Reese et al., ranks of $model" --out "$out/$model"
  run --cases "$data/reese5211_cases_llm_ranks.dev.jsonl.gz" --predictions "$out/$model/predictions.tsv" \
    --tool-card "$out/$model/card.yaml" --out "$out/$model/bench"
  for regime in full publication-out; do
    genopraxis bench compare "$out/reese" "$out/$model/bench" --regime "$regime" --against-regime full \
      --out "$out/likelihood-$regime-vs-$model"
  done
done

# Exomiser, phenotype only, case by case
peer() { # name, case file, disease rank column, gene rank column or empty, version
  "$python" benchmarks/published_ranks.py "$data/$2" --rank "$3" ${4:+--gene-rank "$4"} --tool phenotype.exomiser \
    --version "$5" --citation "Exomiser, phenotype only; ranks as published with the cases" --out "$out/$1"
  run --cases "$data/$2" --predictions "$out/$1/predictions.tsv" --tool-card "$out/$1/card.yaml" --out "$out/$1/exomiser"
  run --cases "$data/$2" --tool phenotype.likelihood --publications "$out/publications.tsv" --out "$out/$1/likelihood"
  for regime in full publication-out; do
    genopraxis bench compare "$out/$1/likelihood" "$out/$1/exomiser" --regime "$regime" --against-regime full \
      --out "$out/$1/likelihood-$regime-vs-exomiser"
  done
}
peer pps200 pps200_exomiser_llm_ranks.dev.jsonl.gz Exomiser_files "" "2025"
peer lirical385 lirical385_exomiser1330_gpt_ranks.jsonl.gz "exomiser-13.3.0-2109|disease" "exomiser-13.3.0-2109|gene" "13.3.0"
