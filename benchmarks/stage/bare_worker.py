"""The bare workflow's worker: `python -m benchmarks.stage.bare_worker`."""

import asyncio

from benchmarks.stage.bare import main

if __name__ == "__main__":
    asyncio.run(main())
