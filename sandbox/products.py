"""The accounting products that this software goes by: different names, the same inside."""

from types import MappingProxyType
from typing import Final

PRODUCTS: Final = MappingProxyType(
    {
        "ledgerly": "Ledgerly",
        "bookwise": "Bookwise Online",
        "northbooks": "Northbooks",
        "quillcount": "Quillcount",
        "sumline": "Sumline",
    }
)
