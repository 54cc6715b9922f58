"""The pages for people, and the addresses for machines that watch."""

from tests.sandbox.conftest import Client


async def test_it_says_that_it_is_alive(client: Client) -> None:
    """
    Whoever starts it can see when it answers.
    """
    assert {"status": "ok"} == (await client.http.get("/healthz")).json()


async def test_the_front_page_names_products_and_scenarios(client: Client) -> None:
    """
    A person who opens the bare address learns what this is.
    """
    page = await client.http.get("/")

    assert 200 == page.status_code
    for expected in ("Ledgerly", "Bookwise Online", "other_organisation", "/totals"):
        assert expected in page.text


async def test_the_style_is_its_own(client: Client) -> None:
    """
    Nothing is loaded from elsewhere.
    """
    style = await client.http.get("/style.css")

    assert style.headers["content-type"].startswith("text/css")
    assert "http" not in style.text


async def test_the_api_describes_itself(client: Client) -> None:
    """
    The document names the public address and every call that programs make.
    """
    document = (await client.http.get("/openapi.json")).json()

    assert [{"url": "http://sandbox"}] == document["servers"]
    assert {
        "/oauth/token",
        "/oauth/revoke",
        "/api/{data}",
        "/control/scenario",
        "/control/logins",
        "/totals.json",
        "/healthz",
    } == set(document["paths"])


async def test_totals_are_what_the_data_adds_up_to(client: Client) -> None:
    """
    The page's counts are those of the endpoints, and its checks are all zero.
    """
    tokens = await client.log_in()
    company = {"company": "Hoxton Tea"}
    totals = (await client.http.get("/totals.json", params=company)).json()
    bills = (await client.read(tokens, "bills")).json()
    sheets = (await client.read(tokens, "balance-sheet")).json()

    assert bills["total"] == totals["counts"]["bills"]
    assert sheets["items"][-1]["totals"] == totals["position"]
    assert {"0.00"} == set(totals["checks"].values())


async def test_totals_have_a_page_for_people(client: Client) -> None:
    """
    The same figures in a table, of any scenario's books.
    """
    params = {"company": "Hoxton <Tea>", "scenario": "large"}

    page = await client.http.get("/totals", params=params)

    assert 200 == page.status_code
    assert "Hoxton &lt;Tea&gt;" in page.text
    assert "<td>2000 </td>" in page.text


async def test_totals_of_nobody_are_refused(client: Client) -> None:
    """
    A company is needed.
    """
    assert 422 == (await client.http.get("/totals.json")).status_code
