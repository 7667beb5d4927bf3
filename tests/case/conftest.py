from __future__ import annotations

from running import cli, install, tiny_release  # noqa: F401 - fixtures
