"""The resources of `/v1`: one module per noun."""
