"""A customer who uploads a file instead of connecting software."""

from hashlib import sha256

from domain.journey import LinkAction
from store.uploads import key_of
from tests.providers.workbook.workbooks import GOOD, filled
from tests.workflows.customer import Customer


async def uploads(customer: Customer) -> None:
    """Store a workbook for spend analysis and tell the journey, as the API does."""
    content = filled(GOOD)
    digest = sha256(content).hexdigest()
    await customer.world.objects.put(key_of(customer.id, digest), content)
    await customer.does(LinkAction.UPLOAD, upload=digest)


async def uploads_in_vain(customer: Customer) -> None:
    """Name a file that is gone before it is read."""
    await customer.does(LinkAction.UPLOAD, upload=sha256(b"").hexdigest())
