"""Of a defect its kind and its places are told, each once, and never its text."""

from domain.defects import NOWHERE, PLACE, Defect, trail


def fail(error: BaseException) -> None:
    raise error


def failed(error: Exception) -> Exception:
    try:
        fail(error)
    except Exception as caught:  # noqa: BLE001 whatever was asked for
        return caught
    return error


def test_a_defect_is_told_in_a_line() -> None:
    """
    Its kind and the innermost place; one that was never raised has none.
    """
    told = str(Defect.of(failed(KeyError("Hoxton Tea"))))

    assert told.startswith("KeyError at test_defects.py:")
    assert PLACE.fullmatch(told)
    assert f"KeyError at {NOWHERE}" == str(Defect.of(KeyError("Hoxton Tea")))
    assert not PLACE.fullmatch("KeyError at Hoxton Tea")


def test_a_trail_begins_with_what_brought_it_about() -> None:
    """
    Causes, what was being handled, and the members of a group.
    """
    outer = failed(
        ExceptionGroup("Hoxton", [failed(KeyError("Tea")), OSError("12.50")])
    )
    outer.__cause__ = failed(LookupError("owes"))

    lines = trail(outer).splitlines()

    kinds = [line for line in lines if not line.startswith(" ")]
    assert {"LookupError", "KeyError", "OSError"} == set(kinds[:-1])
    assert "ExceptionGroup" == kinds[-1]
    assert any(line.endswith("in fail") for line in lines)


def test_a_trail_that_leads_to_itself_ends() -> None:
    """
    And leaves out what was put aside with `from None`.
    """
    first, second = failed(KeyError()), failed(ValueError())
    first.__context__, second.__context__ = second, first
    quiet = failed(KeyError())
    quiet.__context__, quiet.__suppress_context__ = second, True

    assert 1 == trail(first).count("ValueError")
    assert "ValueError" not in trail(quiet)
