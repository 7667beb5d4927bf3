"""What every page and report shares: the HTML shell, figures, terminal tables."""
