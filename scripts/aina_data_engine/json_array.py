"""JSON arrays as inputs: each element as it stands in the file.

The database's reader ends the run over an element that is no text or no JSON; an array with such a
one is cut into its elements by SQL, which counts brackets and commas outside of its strings.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb

from aina_data_engine.errors import EngineError, told_by
from aina_data_engine.lines import BLOCK, bytes_marked, cut_where_long, readable
from aina_data_engine.sql import literal, path_literal

# The reader's own limit ends the run, but holds for what is twice as long, or more in a small file.
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
    """Return a regular expression for what brackets hold, in so many levels of them."""
    inner = "|" + _held(levels - 1) if levels > 1 else ""
    return rf'[\[{{](?:[^"\[\]{{}}]|{STRING}{inner})*[\]}}]'


STRING_ALONE = f"(?s){STRING}"
PART = rf'(?s){STRING[:-1]}(?:"|\\?\z)|[\[\]{{}},]|[^"\[\]{{}},]+'
"""Of which every text is made; a string that is not closed goes on in what is read next."""
WHOLE_OR_PART = f"(?s){_held(3)}|{PART}"
"""The same, for what is mostly elements of few levels: each is taken at once."""
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
-- A count with a filter reads all parts before anew, for each.
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
BEHIND = "Something stands behind its end."
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
            then format('A brace closes in element {{}} that none has opened.', unopened)
        when last > closed or (closed is not null and trim(unfinished, '{BLANKS}') <> '')
            then '{BEHIND}'
    end as no_array
from found
"""
# A fault in one element can hide where it ends and the next one its own: what is no JSON may be
# several. The next one then follows without a comma, stands as an object without a name in the
# first, or begins in a string that text follows. With all strings the same, the rest is judged; and
# what is not ended need not be read on where it is several.
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
UNCUT = "Where element {} ends is not to be told: a quote, a bracket or a comma is missing there."
LONE_SURROGATE = re.compile(
    rb"\\u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD])[c-fC-F])"
)
"""Half of a character, which the database's reader takes for no JSON."""
ESCAPES = 12
"""Bytes of two of them."""


class RefusedArrayError(EngineError):
    """An array that the database's reader does not take, for one of its elements maybe."""


def insert_array(
    cursor: duckdb.DuckDBPyConnection,
    into: str,
    path: Path,
    place: dict[str, object],
    limit: int,
    refused: str | None = None,
) -> None:
    """Add the elements of a JSON array, as they stand in the file, to the table `into`.

    Those longer than `limit` bytes go in as flawed, as do those with bytes that are no text.
    RefusedArrayError where the database's reader does not take it, which ends the transaction at
    hand: what that says is `refused` the next time, and the array is cut by element. EngineError
    for a file that cannot be read to its end, or with an element of more than twice as many.
    """
    is_text, last = _looked_at(path)
    if refused is not None or not is_text:
        try:
            _insert_by_element(cursor, into, path, place, limit)
        except EngineError as error:
            # The reader says the byte, too.
            raise EngineError(refused or str(error)) from error
        return
    compression = "gzip" if path.name.lower().endswith(".gz") else "none"
    reader = {"compression": literal(compression), "limit": limit, "cut": cut_where_long(limit)}
    sql = ROWS_OF_ARRAY.format(into=into, path=path_literal(path.resolve()), **reader)
    try:
        cursor.execute(sql, place)
    except (duckdb.InvalidInputException, UnicodeDecodeError) as error:
        told = _by_element(told_by(error))
        raise RefusedArrayError(str(_no_array(path, limit, told))) from error
    # To the reader an array that ends in a comma is whole.
    if last not in (b"]", b""):
        raise EngineError(f"{path} is not whole: its array is not closed.")


def _no_array(path: Path, limit: int, told: str) -> EngineError:
    return EngineError(
        f"{path} cannot be read: one array of objects belongs there, none of more than"
        f" {limit:,} bytes (the var max_line_bytes). {told}"
    )


def _looked_at(path: Path) -> tuple[bool, bytes]:
    """Return whether an array is UTF-8, all that is escaped in it characters, and its last sign.

    Otherwise the database's reader ends the run over one element; what is last is known of text.
    EngineError for a file that cannot be read.
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
    """Add the elements of an array by cutting its text at the commas between them."""
    sql = ROWS_OF_ELEMENTS.format(into=into, cut=cut_where_long(limit))
    left, more, number, is_closed = "", "", 0, False
    for block in _inside(path, limit):
        more += block
        # A long element is not cut anew at every block of it.
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
            raise _no_array(path, limit, f"Element {number + 1} is longer.")
    if not is_closed:
        raise EngineError(f"{path} is not whole: its array is not closed.")


def _inside(path: Path, limit: int) -> Iterator[str]:
    """Yield the text behind an array's bracket, a block at a time, with marks for what is none."""
    # A byte order mark is no part of it.
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


# No JSON has a NUL.
_marked = bytes_marked("marked_where_no_text", "\0")


def _by_element(told: str) -> str:
    """Return what the reader says with its place by element: it counts the array's bracket too."""
    return re.sub(r"record/value (\d+)", lambda m: f"element {int(m[1]) - 1}", told)
