"""Where the browser of the tests is; and what happens where there is none."""

import os
import shutil
from typing import Final

CHROMIUM: Final = shutil.which("chromium") or shutil.which("google-chrome")
REQUIRED: Final = os.environ.get("RAPPORT_TEST_BROWSER") == "required"
"""Whether a run without a browser proves too little: so it is where changes land."""

LEFT_OUT: Final = "The browser tests are left out: there is no chromium."
MISSING: Final = (
    "There is no chromium, and RAPPORT_TEST_BROWSER says that one is required."
)
