"""Parquet files against pyarrow: every type, as a member and passed through."""

import datetime
import decimal
import json
import math
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aina_data_engine.errors import EngineError
from aina_data_engine.json_rows import insert_parquet
from aina_data_engine.load import SCHEMA

WORDS = st.text(st.characters(codec="utf-8"), max_size=5)
# Outside this range DuckDB's calendar and Python's write the year differently.
DAYS = st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31))
MOMENTS = st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2200, 1, 1))


def whole(kind: pa.DataType, bits: int, *, signed: bool) -> tuple[pa.DataType, Any]:
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return kind, st.integers(low, high)


def decimals(digits: int, scale: int) -> tuple[pa.DataType, Any]:
    most = st.integers(-(10**digits) + 1, 10**digits - 1)
    context = decimal.Context(prec=digits)
    return pa.decimal128(digits, scale), most.map(
        lambda n: decimal.Decimal(n).scaleb(-scale, context)
    )


def moments(unit: str, zone: str | None) -> tuple[pa.DataType, Any]:
    step = {"s": 1_000_000, "ms": 1000, "us": 1, "ns": 1}[unit]
    cut = MOMENTS.map(lambda m: m - datetime.timedelta(microseconds=m.microsecond % step))
    if zone:
        cut = cut.map(lambda m: m.replace(tzinfo=datetime.UTC))
    return pa.timestamp(unit, zone), cut


SCALARS = [
    (pa.string(), WORDS),
    (pa.large_string(), WORDS),
    (pa.string_view(), WORDS),
    (pa.dictionary(pa.int32(), pa.string()), WORDS),
    (pa.binary(), WORDS.map(str.encode)),
    (pa.large_binary(), WORDS.map(str.encode)),
    (pa.binary(3), st.binary(min_size=3, max_size=3).filter(lambda b: b.isascii())),
    (pa.bool_(), st.booleans()),
    *(
        whole(getattr(pa, f"{'' if signed else 'u'}int{bits}")(), bits, signed=signed)
        for bits in (8, 16, 32, 64)
        for signed in (True, False)
    ),
    (pa.float32(), st.floats(width=32)),
    (pa.float64(), st.floats()),
    decimals(5, 2),
    decimals(18, 0),
    decimals(38, 10),
    (pa.date32(), DAYS),
    *(moments(unit, zone) for unit in ("ms", "us", "ns") for zone in (None, "America/New_York")),
    (pa.time64("us"), st.times()),
    (pa.duration("us"), st.integers(0, 10**12).map(lambda n: datetime.timedelta(microseconds=n))),
]


def nested(inner: tuple[pa.DataType, Any]) -> st.SearchStrategy[tuple[pa.DataType, Any]]:
    kind, values = inner
    many = st.lists(st.none() | values, max_size=3)
    pairs = st.fixed_dictionaries({"a": st.none() | values, "A b": values})
    maps = st.dictionaries(WORDS, values, max_size=2).map(lambda d: list(d.items()))
    return st.sampled_from(
        [
            (pa.list_(kind), many),
            (pa.large_list(kind), many),
            (pa.struct([("a", kind), ("A b", kind)]), pairs),
            (pa.struct([("only", kind)]), st.fixed_dictionaries({"only": values})),
            (pa.map_(pa.string(), kind), maps),
        ]
    )


# pyarrow itself cannot write a view inside another type: "Slicing not implemented".
INNER = [one for one in SCALARS if one[0] != pa.string_view()]
TYPES = st.sampled_from(SCALARS) | st.recursive(
    st.sampled_from(INNER), lambda inner: inner.flatmap(nested), max_leaves=3
)


@st.composite
def columns(draw: st.DrawFn) -> pa.Array:
    kind, values = draw(TYPES)
    return pa.array(draw(st.lists(st.none() | values, min_size=4, max_size=4)), kind)


def wanted(value: Any, kind: pa.DataType) -> Any:
    """Return the JSON that a value should become, as pyarrow reads it."""
    if value is None:
        return None
    if pa.types.is_map(kind):
        return {key: wanted(item, kind.item_type) for key, item in value}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [wanted(item, kind.value_type) for item in value]
    if pa.types.is_struct(kind):
        return {f.name: wanted(value[f.name], f.type) for f in kind}
    if pa.types.is_duration(kind):
        return value // datetime.timedelta(microseconds=1)
    return _wanted_scalar(value)


def _wanted_scalar(value: Any) -> Any:
    match value:
        case float() if math.isnan(value):
            return "NaN"
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        case bytes():
            return value.decode()
        case datetime.datetime() if value.tzinfo:
            utc = value.astimezone(datetime.UTC).replace(tzinfo=None)
            return f"{utc.isoformat(timespec='microseconds').rstrip('0').rstrip('.')}Z"
        case datetime.datetime():
            return str(value).rstrip("0").rstrip(".") if value.microsecond else str(value)
        case datetime.time():
            return str(value).rstrip("0") if value.microsecond else str(value)
        case datetime.date() | uuid.UUID():
            return str(value)
    return value


@cache
def database() -> duckdb.DuckDBPyConnection:
    """Return one database for all examples: opening one is slow, emptying it is not."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'America/New_York'")
    return connection


def read(path: Path, texts: tuple[str, ...] = (), limit: int = 1 << 20) -> list[tuple[Any, ...]]:
    connection = database()
    connection.execute(SCHEMA)
    place = {"input": "title_rows", "file": path.name}
    insert_parquet(connection, "inputs.lines", path, place, limit, texts)
    return connection.execute(
        "select line_number, text, flaw from inputs.lines order by line_number"
    ).fetchall()


def write(path: Path, table: dict[str, pa.Array], **options: Any) -> Path:
    pq.write_table(pa.Table.from_arrays(list(table.values()), list(table)), path, **options)
    return path


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(made=st.lists(columns(), min_size=3, max_size=8))
def test_every_type_says_what_an_independent_reader_says(
    tmp_path: Path, made: list[pa.Array]
) -> None:
    table = {f"{'cC'[nth % 2]} {nth // 2}": array for nth, array in enumerate(made)}
    path = write(tmp_path / "t.parquet", table)
    back = pq.read_table(path)
    found = read(path)
    assert [flaw for *_, flaw in found] == [None] * 4
    for number, text, _ in found:
        said = json.loads(text, parse_float=decimal.Decimal)
        for name, column in zip(table, back.columns, strict=True):
            value = wanted(column[number - 1].as_py(), column.type)
            assert _same(said[name], value), (name, column.type, said[name], value)


def _same(said: Any, value: Any) -> bool:
    if isinstance(value, dict):
        return said.keys() == value.keys() and all(_same(said[k], value[k]) for k in value)
    if isinstance(value, list):
        return len(said) == len(value) and all(map(_same, said, value))
    if isinstance(value, float):
        return float(said) == value
    return bool(said == value)


def test_bytes_that_are_no_text_are_flawed_wherever_they_stand(tmp_path: Path) -> None:
    bad, good = b"\xff", b"ok"
    values = {
        "plain": pa.array([bad, good, good, good, None]),
        "listed": pa.array([[good], [good, bad], [], None, None], pa.list_(pa.binary())),
        "held": pa.array([{"a": good}] * 2 + [{"a": bad}] + [None] * 2),
        "mapped": pa.array([[]] * 3 + [[("k", bad)], None], pa.map_(pa.string(), pa.binary())),
    }
    found = read(write(tmp_path / "t.parquet", values))
    flaw = "bytes that are not UTF-8"
    assert [f for *_, f in found] == [flaw, flaw, flaw, flaw, None]


def test_names_that_a_database_would_change_stay(tmp_path: Path) -> None:
    one = pa.array([1])
    names = ["A", "a", "", "q\"uo'te", "file_row_number", "filename", "é\n"]
    found = read(write(tmp_path / "t.parquet", dict.fromkeys(names, one)))
    assert json.loads(found[0][1]) == dict.fromkeys(names, 1)


def test_whole_numbers_where_texts_belong_are_their_digits(tmp_path: Path) -> None:
    table = {"code": pa.array([5120, None, -7]), "n": pa.array([5120, None, -7])}
    found = read(write(tmp_path / "t.parquet", table), ("code",))
    assert [json.loads(text) for _, text, _ in found] == [
        {"code": "5120", "n": 5120},
        {"code": None, "n": None},
        {"code": "-7", "n": -7},
    ]


def test_decimals_that_would_lose_digits_are_refused(tmp_path: Path) -> None:
    wide = pa.array([decimal.Decimal("1234567890123456789012345678901234567890.12")])
    with pytest.raises(EngineError, match="the column wage has decimals of 42 digits"):
        read(write(tmp_path / "t.parquet", {"wage": wide}))


def test_a_variant_is_the_json_of_its_value(tmp_path: Path) -> None:
    """Numbers keep their digits, texts their quotes; NaN and the infinities are given by name."""
    digits = "1234567890123456789.123456789012345670"
    told = {
        "{'a': 1, 'b': [{'c': 2}], 'd': null}": '{"a":1,"b":[{"c":2}],"d":null}',
        "{'a': '1'}": '{"a":"1"}',
        f"{{'a': {digits}::decimal(38, 18)}}": f'{{"a":{digits}}}',
        "1.50::decimal(5, 2)": "1.50",
        "'1'": '"1"',
        """'{"a": "NaN"}'""": r'"{\"a\": \"NaN\"}"',
        "['nan'::double, '-inf', 1]": '["NaN","-Infinity",1.0]',
        "{'NaN': 'nan'::float}": '{"NaN":"NaN"}',
        "'q\"\\' || chr(0)": r'"q\"\\\u0000"',
        "null": "null",
    }
    path = tmp_path / "t.parquet"
    found = {}
    for value in told:
        duckdb.sql(f"copy (select ({value})::variant as v) to '{path}' (format parquet)")
        ((_, text, flaw),) = read(path)
        found[value] = text[len('{"v":') : -1]
        assert flaw is None
    assert found == told


def test_lists_of_older_writers_are_read(tmp_path: Path) -> None:
    """Two levels instead of three; a struct of one field looks like another level."""
    items = pa.array([[{"only": 1}, {"only": 2}], []], pa.list_(pa.struct([("only", pa.int8())])))
    path = write(tmp_path / "t.parquet", {"x": items}, use_compliant_nested_type=False)
    assert [json.loads(t)["x"] for _, t, _ in read(path)] == [[{"only": 1}, {"only": 2}], []]


def test_a_long_row_is_set_aside_with_its_length_and_its_beginning(tmp_path: Path) -> None:
    path = write(tmp_path / "long.parquet", {"title_id": pa.array(["a", "é" * 3000, "b"])})
    first, (nth, text, flaw), third = read(path, limit=2000)
    assert (first, third) == ((1, '{"title_id":"a"}', None), (3, '{"title_id":"b"}', None))
    assert (nth, len(text), flaw) == (2, 1000, "longer than max_line_bytes: 6,015 bytes")


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_a_point_in_time_is_told_whatever_calendars_have(tmp_path: Path, unit: str) -> None:
    """Infinities stay, with or without a zone, and a year BC is as the database writes it."""
    many = {"ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    seconds = -100_000_000_000 if unit != "ns" else -1
    numbers = pa.array([2**63 - 1, -(2**63) + 1, seconds * many + 1, None], pa.int64())
    zones = {"in a zone": pa.timestamp(unit, "UTC"), "in none": pa.timestamp(unit)}
    table = {name: numbers.view(kind) for name, kind in zones.items()}
    table["many"] = pa.array([[one] for one in numbers.to_pylist()], pa.list_(pa.int64())).cast(
        pa.list_(pa.timestamp(unit, "UTC")), safe=False
    )
    found = [json.loads(text) for _, text, _ in read(write(tmp_path / "t.parquet", table))]
    day = {"ms": "1200-02-15 (BC) 14:13:20.001", "us": "1200-02-15 (BC) 14:13:20.000001"}.get(unit)
    told = ["infinity", "-infinity", day or "1969-12-31 23:59:59.000000001", None]
    assert [row["in none"] for row in found] == told
    utc = [*told[:2], f"{day}Z" if day else "1969-12-31T23:59:59.000000001Z", None]
    assert [row["in a zone"] for row in found] == utc
    assert [row["many"] for row in found] == [[one] for one in utc]


@pytest.mark.parametrize("is_listed", [False, True])
@pytest.mark.parametrize("zone", ["UTC", None])
def test_a_point_in_time_before_the_calendar_is_set_aside(
    tmp_path: Path, zone: str | None, is_listed: bool
) -> None:
    """Otherwise the database would fail the run with its own error, even where it is hidden."""
    first = -9_223_372_022_400_000_000
    numbers = [-(2**63), first - 1, first, None, 0]
    array = pa.array(numbers, pa.int64()).view(pa.timestamp("us", zone))
    if is_listed:
        array = pa.ListArray.from_arrays(pa.array(range(6), pa.int32()), array)
    found = read(write(tmp_path / "t.parquet", {"when": array}))
    flaw = "the column when has a point in time before 290309 BC"
    assert [f for *_, f in found] == [flaw, flaw, None, None, None]
    assert str(-(2**63)) in found[0][1] and "290309-12-22 (BC) 00:00:00" in found[2][1]


BROKEN = {
    "a time": (pa.array([2**62], pa.int64()).view(pa.timestamp("ms")), "Could not convert"),
    "a time of day": (pa.array([10**18], pa.int64()).view(pa.time64("us")), "within a day"),
    "JSON": (pa.ExtensionArray.from_storage(pa.json_(), pa.array(["{bad"])), "{bad"),
    "text": (pa.array([b"\xff"]).view(pa.string()), "xFF"),
    "a part": (
        pa.array([{"a": 2**62}], pa.struct([("a", pa.int64())])).cast(
            pa.struct([("a", pa.timestamp("ms"))]), safe=False
        ),
        "Could not convert",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_value_that_cannot_be_read_is_told_with_its_column(tmp_path: Path, what: str) -> None:
    column, told = BROKEN[what]
    path = write(tmp_path / "t.parquet", {"title_id": pa.array(["a"]), "the column": column})
    database().execute("begin")
    with pytest.raises(EngineError) as error:
        read(path)
    database().execute("rollback")
    assert f"{path} cannot be read, because of a value of its column the column." in str(
        error.value
    )
    assert told in str(error.value)
