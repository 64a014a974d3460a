import pytest
import yaml

from services.kit.yaml_text import plain


def test_text_becomes_what_yaml_says_and_no_object() -> None:
    assert plain("a: [1, two, 2026-01-01T00:00:00Z]\nb:") == yaml.safe_load("a: [1, two, 2026-01-01T00:00:00Z]\nb:")
    assert plain(b"") is None
    with pytest.raises(yaml.YAMLError):
        plain("!!python/object/apply:os.getcwd []")


@pytest.mark.parametrize("opening", ["[", "- ", "{a: "])
def test_what_is_nested_too_deeply_is_an_error_and_no_crash(opening: str) -> None:
    with pytest.raises(yaml.YAMLError, match="nested"):
        plain(opening * 100_000)
