"""How the documentation is built; `make docs` runs it with every warning as an error."""

import sys
from pathlib import Path

from genopraxis import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Genopraxis"
author = "The Genopraxis authors"
copyright = "2026, The Genopraxis authors"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "contract_tables"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "README.md"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_default_options = {"members": True, "exclude-members": "model_config, model_post_init"}
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"Genopraxis {release}"
html_static_path: list[str] = []
