"""Run tools on datasets, with honest regimes, intervals, strata and paired comparison."""
