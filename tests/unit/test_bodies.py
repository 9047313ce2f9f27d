"""A body is read as strictly as JSON can be, and what is wrong with it is told without quoting it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.bodies import MAX_DEPTH, BodyError, json_object, read_json
from cds_service.errors import MediaError, TooLarge

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(alphabet='a"\\{}[]é\n', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='ab"\\[', max_size=3), inner, max_size=3),
    max_leaves=12,
)


def depth(value: object) -> int:
    """How many arrays and objects enclose the innermost value."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the body is empty"),
        (b" \n ", "not JSON"),
        (b"<html>", "not JSON: .*line 1, column 1"),
        (b'{"a":\n 1,}', r"line 2, column \d+"),
        (b'{"a":NaN}', "line 1, column 6"),
        (b'{"a":Infinity}', "line 1, column 6"),
        (b'{"a":-Infinity}', "not JSON"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b'{"a":1e400}', "infinity"),
        (b'{"a":' + b"9" * 5000 + b"}", "infinity"),
        (b'{"a":"x\xff"}', "not UTF-8"),
        (b'{"a":"\xed\xa0\x80"}', "not UTF-8"),
        ('{"a":1}'.encode("utf-16"), "not UTF-8"),
        (b'{"a":1}{"a":1}', "unexpected content"),
        (b"{'a':1}", "not JSON"),
        (b'{"a":1} // why', "not JSON"),
        (b"[" * 5000, "not JSON"),
        (b"[" * 5000 + b"]" * 5000, "not JSON"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), f"more than {MAX_DEPTH} levels"),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), f"more than {MAX_DEPTH} levels"),
        (b'{"context":{},"context":{}}', "twice"),
        (b'{"context":{},"conte\\u0078t":{}}', "twice"),
        (b"{" + b",".join(b'"%d":1' % (n % 40) for n in range(41)) + b"}", "twice"),
    ],
)
def test_what_is_no_strict_json_is_refused_with_its_place(data: bytes, words: str) -> None:
    """Each kind of bad body gives a BodyError that says what and where."""
    with pytest.raises(BodyError, match=words):
        read_json(data)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b'{"a":{"a":1}}', {"a": {"a": 1}}),
        (b'{"a":"\\u0061"}', {"a": "a"}),
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, None),
        (b'{"a":"' + b"[{" * 500 + b'"}', {"a": "[{" * 500}),
        (b'{"a":"\\\\","b":"\\"[["}', {"a": "\\", "b": '"[['}),
        (b"[1]", [1]),
    ],
)
def test_what_is_json_is_read(data: bytes, value: object) -> None:
    """A byte order mark, brackets in strings, a name that stands at two levels and the deepest nesting allowed are no faults."""
    assert value is None or read_json(data) == value


@pytest.mark.parametrize("secret", [b'{"name":"Smith" "x"}', b'{"name":"Smith","name":"Smith"}', b'["Smith", NaN]'])
def test_an_error_never_quotes_the_body(secret: bytes) -> None:
    """A name in a broken body does not come back."""
    with pytest.raises(BodyError) as raised:
        read_json(secret)
    assert "Smith" not in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@given(JSON, st.integers(0, 70))
def test_the_depth_is_counted_as_written(value: object, wrapped: int) -> None:
    """However strings and brackets are mixed, what nests deeper than the limit is refused and nothing else."""
    for _ in range(wrapped):
        value = [value]
    text = json.dumps(value).encode()
    if depth(value) > MAX_DEPTH:
        with pytest.raises(BodyError, match="levels deep"):
            read_json(text)
    else:
        assert read_json(text) == value


NAMES = st.sampled_from(["hook", "context", "prefetch", "entry", "x y", "{", "}", ":", "é"])


@given(
    st.lists(st.tuples(NAMES, JSON | st.dictionaries(NAMES, JSON, max_size=3)), min_size=1, max_size=5),
    st.sampled_from(["", " ", "\n" * 99]),
)
def test_a_name_that_stands_twice_at_the_top_is_refused(members: list[tuple[str, object]], blank: str) -> None:
    """Whatever stands in the last member, within which no name of the top is looked for, or behind it."""
    names = [name for name, _ in members]
    text = ",".join(f"{json.dumps(name)}{blank}:{json.dumps(value)}{blank}" for name, value in members)
    data = f"{{{text}}}{blank}".encode()
    if len(set(names)) < len(names):
        with pytest.raises(BodyError, match="twice"):
            read_json(data)
    else:
        assert list(read_json(data)) == names


@pytest.mark.parametrize("media", ["application/json", "application/fhir+json", "APPLICATION/JSON", "application/vnd.x.v1+json"])
@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_json_by_any_of_its_names_is_read(media: str, encoding: str) -> None:
    """JSON media types and no compression."""
    assert json_object(media, encoding, b'{"a":1}', 7) == {"a": 1}


@pytest.mark.parametrize(
    ("media", "encoding"),
    [("", ""), ("text/plain", ""), ("application/xml", ""), ("application/x-www-form-urlencoded", ""), ("application/json", "gzip")],
)
def test_another_media_type_or_a_compressed_body_is_refused(media: str, encoding: str) -> None:
    """Refused before the body is looked at."""
    with pytest.raises(MediaError):
        json_object(media, encoding, b"not JSON", 100)


@pytest.mark.parametrize(
    ("data", "found"),
    [(b"[]", "an array"), (b'"x"', "a string"), (b"1", "a number"), (b"1.5", "a number"), (b"true", "a boolean"), (b"null", "null")],
)
def test_a_body_that_is_no_object_is_refused(data: bytes, found: str) -> None:
    """The type that was found is named."""
    with pytest.raises(BodyError, match=f"found {found}"):
        json_object("application/json", "", data, 100)


def test_a_body_above_the_limit_is_refused() -> None:
    """Whatever else is wrong with it."""
    with pytest.raises(TooLarge, match="7 bytes"):
        json_object("text/plain", "gzip", b'{"a":1} ', 7)
