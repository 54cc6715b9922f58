"""The picture in the README is the machine that runs."""

from pathlib import Path

from domain.diagram import diagram

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- journey -->", "<!-- /journey -->"


def test_the_readme_shows_the_machine_as_it_is() -> None:
    """
    Between its markers the README holds what `python -m domain.diagram` prints.
    """
    _, _, rest = README.read_text().partition(BEGIN)
    picture, _, _ = rest.partition(END)

    assert f"```mermaid\n{diagram()}\n```" == picture.strip()
