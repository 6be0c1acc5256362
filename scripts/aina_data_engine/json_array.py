"""JSON arrays as inputs: each element as it is in the file.

The database's reader fails on an element that is not UTF-8 or not JSON; an array with such an
element is split into its elements by SQL, which counts brackets and commas outside strings.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb

from aina_data_engine.errors import EngineError, told_by
from aina_data_engine.files import is_utf8
from aina_data_engine.lines import BLOCK, bytes_marked, cut_where_long, readable
from aina_data_engine.sql import literal, path_literal

# An element over the reader's own limit fails the run, but it applies only to elements twice as
# long, or longer still in a small file.
ROWS_OF_ARRAY = """
insert into {into}
with
records as (
    select row_number() over () as nth, json::varchar as text, null::varchar as flaw
    from read_json_objects(
        {path}, format = 'array', compression = {compression}, hive_partitioning = false,
        filename = false, union_by_name = false, ignore_errors = false,
        maximum_object_size = {limit}
    )
),
cut as (select nth, sha256(text) as sha256, {cut} from records)
select $input, $file, nth, text, null, flaw, sha256 from cut
"""

STRING = r'"(?:[^"\\]|\\.)*"'


def _held(levels: int) -> str:
    """Return a regular expression for brackets and their content, nested up to `levels` deep."""
    inner = "|" + _held(levels - 1) if levels > 1 else ""
    return rf'[\[{{](?:[^"\[\]{{}}]|{STRING}{inner})*[\]}}]'


STRING_ALONE = f"(?s){STRING}"
PART = rf'(?s){STRING[:-1]}(?:"|\\?\z)|[\[\]{{}},]|[^"\[\]{{}},]+'
"""The parts of which every text consists; an unclosed string continues in the next block."""
WHOLE_OR_PART = f"(?s){_held(3)}|{PART}"
"""The same, for text that is mostly elements of few levels: each is matched at once."""
ELEMENTS = """
create or replace temp table array_elements as
with
parts as (
    select generate_subscripts(parts, 1) as nth, unnest(parts) as part
    from (select regexp_extract_all($text, $part) as parts)
),
nested as (
    select
        *,
        sum(case when part in ('[', '{') then 1 when part in (']', '}') then -1 else 0 end)
            over (order by nth rows unbounded preceding) as depth
    from parts
),
ended as (
    select
        *,
        (depth = 0 and part = ',') or (depth < 0 and part in (']', '}')) as is_end
    from nested
),
-- A count with a filter would read all parts before it again, for each part.
numbered as (
    select *, sum(is_end::bigint) over (order by nth rows unbounded preceding) as ends
    from ended
)
select
    ($before + 1 + ends - is_end::bigint)::bigint as nth,
    coalesce(string_agg(part, '' order by nth) filter (not is_end), '') as marked,
    trim(marked, ' \t\r\n') as element,
    any_value(part) filter (is_end) as ended_by
from numbered
group by 1
"""
BLANKS = " \t\r\n"
BEHIND = "There is something after its end."
ENDED = f"""
with
found as (
    select
        count(ended_by) as number,
        coalesce(any_value(marked) filter (ended_by is null), '') as unfinished,
        min(nth) filter (ended_by = ']') as closed,
        max(nth) filter (ended_by is not null) as last,
        min(nth) filter (ended_by = '}}') as unopened
    from array_elements
)
select
    number,
    unfinished,
    closed is not null as is_closed,
    case
        when unopened is not null
            then format('Element {{}} has a closing brace without an opening one.', unopened)
        when last > closed or (closed is not null and trim(unfinished, '{BLANKS}') <> '')
            then '{BEHIND}'
    end as no_array
from found
"""
# A fault in one element can hide where it ends and where the next one begins: an element that is
# not JSON may be several. The next one then follows without a comma, is an object without a name
# inside the first, or begins inside a string that text follows. An element is judged with all
# strings replaced by the same one; an unfinished element that is several is not read any further.
SEVERAL = r"""
with
parts as (
    select nth as element, generate_subscripts(parts, 1) as nth, unnest(parts) as part
    from (
        select nth, regexp_extract_all(element, $part) as parts
        from array_elements
        where
            regexp_matches(element, '[,\]}]\s*\{|[\]}][^,:"]*[\[{]')
            and (
                ended_by is null
                or not json_valid(regexp_replace(element, $string, '""', 'g'))
            )
    )
),
nested as (
    select
        *,
        sum(case when part in ('[', '{') then 1 when part in (']', '}') then -1 else 0 end)
            over (partition by element order by nth rows unbounded preceding) as depth
    from parts
    where trim(part, ' \t\r\n') <> ''
),
held as (
    select
        *,
        last_value(case when part in ('[', '{') then part end ignore nulls)
            over (partition by element, depth order by nth rows unbounded preceding) as holder
    from nested
),
beside as (
    select
        *,
        lag(part) over in_order as before,
        lag(holder) over in_order as held_by,
        lead(part) over in_order as behind
    from held
    window in_order as (partition by element order by nth)
)
select element
from beside
group by element
having
    count(*) filter (depth = 1 and part in ('[', '{')) > 1
    or bool_or(part = '{' and before = ',' and held_by = '{')
    or bool_or(
        regexp_matches(part, '(?s)^".*,\s*\{') and not regexp_matches(behind, '^\s*[,:\]}]')
    )
order by element
limit 1
"""
ROWS_OF_ELEMENTS = r"""
insert into {into}
with
records as (
    select
        nth,
        regexp_replace(
            regexp_replace(element, '\x00([89a-f][0-9a-f])', '\\x\1', 'g'), '\x0000', chr(0), 'g'
        ) as text,
        case when regexp_matches(element, '\x00[89a-f]') then 'not UTF-8' end as flaw
    from array_elements
    where ended_by is not null and not (nth = 1 and element = '' and ended_by = ']')
),
cut as (select nth, sha256(text) as sha256, {cut} from records)
select $input, $file, nth, text, null, flaw, sha256 from cut
"""
UNCUT = "The end of element {} cannot be found: it lacks a quote, a bracket or a comma."
LONE_SURROGATE = re.compile(
    rb"\\u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD])[c-fC-F])"
)
"""Half of a surrogate pair, which to the database's reader is not JSON."""
ESCAPES = 12
"""The length of two such escapes in bytes."""


class RefusedArrayError(EngineError):
    """An array that the database's reader refuses, perhaps because of a single element."""


def insert_array(
    cursor: duckdb.DuckDBPyConnection,
    into: str,
    path: Path,
    place: dict[str, object],
    limit: int,
    refused: str | None = None,
) -> None:
    """Add the elements of a JSON array, as they are in the file, to the table `into`.

    Elements longer than `limit` bytes go in as flawed, as do those with bytes that are not UTF-8.
    RefusedArrayError where the database's reader refuses the array, which ends the current
    transaction: pass its message as `refused` the next time, and the array is split by element.
    EngineError for a file that cannot be read to its end, or with an element of more than twice the
    limit.
    """
    is_text, last = _looked_at(path)
    if refused is not None or not (is_text and is_utf8(path.resolve())):
        try:
            _insert_by_element(cursor, into, path, place, limit)
        except EngineError as error:
            # The reader's message names the byte too.
            raise EngineError(refused or str(error)) from error
        return
    compression = "gzip" if path.name.lower().endswith(".gz") else "none"
    reader = {"compression": literal(compression), "limit": limit, "cut": cut_where_long(limit)}
    sql = ROWS_OF_ARRAY.format(into=into, path=path_literal(path.resolve()), **reader)
    try:
        cursor.execute(sql, place)
    # An IO error is its own: Python has read the file to its end, in a gzip that is padded too.
    except (duckdb.InvalidInputException, duckdb.IOException, UnicodeDecodeError) as error:
        told = _by_element(told_by(error))
        raise RefusedArrayError(str(_no_array(path, limit, told))) from error
    # The reader accepts an array that ends in a comma.
    if last not in (b"]", b""):
        raise EngineError(f"{path} is not whole: its array is not closed.")


def _no_array(path: Path, limit: int, told: str) -> EngineError:
    return EngineError(
        f"{path} cannot be read: it must be one array of objects, none of more than {limit:,} bytes"
        f" (the var max_line_bytes). {told}"
    )


def _looked_at(path: Path) -> tuple[bool, bytes]:
    """Return whether an array is UTF-8 with only whole characters escaped, and its last character.

    Where it is not, the database's reader would fail on one element; the last character is then
    empty. EngineError for a file that cannot be read.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    before = last = b""
    with readable(path) as stream:
        while block := stream.read(BLOCK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return False, b""
            if LONE_SURROGATE.search(before + block):
                return False, b""
            before, last = block[-ESCAPES:], block.rstrip()[-1:] or last
    return True, last


def _insert_by_element(
    cursor: duckdb.DuckDBPyConnection, into: str, path: Path, place: dict[str, object], limit: int
) -> None:
    """Add the elements of an array by splitting its text at the commas between them."""
    sql = ROWS_OF_ELEMENTS.format(into=into, cut=cut_where_long(limit))
    left, more, number, is_closed = "", "", 0, False
    for block in _inside(path, limit):
        more += block
        # A long element is not split again at every one of its blocks.
        if block and len(more) < len(left):
            continue
        if is_closed and more.strip(BLANKS):
            raise _no_array(path, limit, BEHIND)
        cursor.execute(ELEMENTS, {"text": left + more, "part": WHOLE_OR_PART, "before": number})
        number_ended, unfinished, closes, no_array = cursor.execute(ENDED).fetchall()[0]
        several = cursor.execute(SEVERAL, {"part": PART, "string": STRING_ALONE}).fetchall()
        if no_array or several:
            raise _no_array(path, limit, no_array or UNCUT.format(several[0][0]))
        cursor.execute(sql, place)
        left, more, number = unfinished, "", number + number_ended
        is_closed = is_closed or closes
        if len(left) > 2 * limit:
            raise _no_array(path, limit, f"Element {number + 1} is more than twice as long.")
    if not is_closed:
        raise EngineError(f"{path} is not whole: its array is not closed.")


def _inside(path: Path, limit: int) -> Iterator[str]:
    """Yield the text after an array's opening bracket, by block, with marks for invalid bytes."""
    # A byte order mark is not part of the array.
    decoder = codecs.getincrementaldecoder("utf-8-sig")(_marked)
    is_open = False
    with readable(path) as stream:
        while True:
            block = stream.read(BLOCK)
            text = decoder.decode(block.replace(b"\0", b"\x0000"), not block)
            if not is_open and (text := text.lstrip(BLANKS)):
                if text[0] != "[":
                    shown = text[0].replace("\0", f"\\x{text[1:3]}")
                    told = f"Its first character is '{shown}', not '['. Save it as UTF-8."
                    raise _no_array(path, limit, told)
                is_open, text = True, text[1:]
            yield text
            if not block:
                return


# JSON never has a NUL.
_marked = bytes_marked("marked_where_no_text", "\0")


def _by_element(told: str) -> str:
    """Return the reader's message with its place by element: it counts the opening bracket too."""
    return re.sub(r"record/value (\d+)", lambda m: f"element {int(m[1]) - 1}", told)
