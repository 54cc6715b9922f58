import httpx


async def test_customers_pick_what_the_organization_allows(
    api: httpx.AsyncClient,
) -> None:
    """
    The whole catalogue, or the part of it that the organization chose.
    """
    every = (await api.get("/v1/software")).json()
    await api.patch("/v1/organization", json={"software": ["sumline"]})
    some = (await api.get("/v1/software")).json()

    assert {"key": "ledgerly", "name": "Ledgerly", "provider": "sandbox"} == every[
        "items"
    ][0]
    assert ["ledgerly", "bookwise", "sumline"] == [
        each["key"] for each in every["items"]
    ]
    assert (["sumline"], None) == (
        [each["key"] for each in some["items"]],
        some["next_cursor"],
    )


async def test_the_catalogue_comes_in_pages_too(api: httpx.AsyncClient) -> None:
    """
    Every list is cut the same way.
    """
    first = (await api.get("/v1/software?limit=2")).json()
    second = (
        await api.get(f"/v1/software?limit=2&cursor={first['next_cursor']}")
    ).json()
    broken = await api.get("/v1/software?cursor=x")

    assert ["ledgerly", "bookwise"] == [each["key"] for each in first["items"]]
    assert (["sumline"], None) == (
        [each["key"] for each in second["items"]],
        second["next_cursor"],
    )
    assert (422, "invalid_cursor") == (broken.status_code, broken.json()["code"])
