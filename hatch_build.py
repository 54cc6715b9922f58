"""
Put htmx where the pages find it: taken from the package that carries it, while building.

The package is made for Django, which is neither needed for this nor installed. So
there is no script of anybody else's in the repository, and none is fetched by a page.
"""

import shutil
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SCRIPTS: Final = {
    "htmx-2.min.js": "htmx.js",
    "ext/hx-sse-2.min.js": "htmx-sse.js",
}
TARGET: Final = "api/static/built"


class CarryScripts(BuildHookInterface[Any]):
    """Copies the scripts into the tree, and names them as part of the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Do it before either kind of build, the editable one too."""
        package = distribution("django-htmx")
        folder = Path(str(package.locate_file("django_htmx/static/django_htmx")))
        target = Path(self.root, TARGET)
        target.mkdir(parents=True, exist_ok=True)
        for source, name in SCRIPTS.items():
            shutil.copyfile(folder / source, target / name)
            build_data["artifacts"].append(f"{TARGET}/{name}")
