"""The publishers' own files are read as they are, by their column names."""

import errno
import gzip
import os
from pathlib import Path

import duckdb
import pytest

from aina_data_engine.errors import EngineError
from aina_data_engine.harvest import load_harvest, noted_files, unread
from aina_data_engine.root import Root

ALTERNATE = "O*NET-SOC Code\tAlternate Title\tShort Title\tSource(s)\n"
ONET_27 = {
    "Occupation Data.txt": "O*NET-SOC Code\tTitle\tDescription\n35-2014.00\tCooks\tPrepare.\n",
    "Alternate Titles.txt": ALTERNATE + '35-2014.00\tLine "Fry" Cook\tn/a\t02\n',
    "Sample of Reported Titles.txt": "O*NET-SOC Code\tReported Job Title\tShown in My Next Move\n"
    "35-2014.00\tGrill Cook\tY\n",
}
ONET_LATER = {
    "Occupation Data.txt": "Title\tO*NET-SOC Code\tNew\nCooks\t35-2014.00\t\n",
    "Alternate Titles.txt": "Source(s)\tAlternate Title\tO*NET-SOC Code\tX\tShort Title\n"
    '02\tLine "Fry" Cook\t35-2014.00\t\tn/a\n',
    "Sample of Reported Titles.txt": "O*NET-SOC Code\tTitle\tReported Job Title\n"
    "35-2014.00\tCooks\tGrill Cook\n",
}
ONET_31 = {
    "Occupation Data.txt": ONET_27["Occupation Data.txt"],
    "Job Titles.txt": "Title\tSource(s)\tShort Title\tJob Title\tO*NET-SOC Code\n"
    'Cooks\t02\tn/a\tLine "Fry" Cook\t35-2014.00\n',
    "Sample of Reported Titles.txt": ONET_27["Sample of Reported Titles.txt"],
}
ESCO_LABELS = '"fry cook\nshort-order ""line"" cook"'
ESCO = {
    "1.0": "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,description\n"
    f"Occupation,http://data.europa.eu/esco/occupation/1,5120,cook,{ESCO_LABELS},x\n",
    "1.1": "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,hiddenLabels,status,code\n"
    f"Occupation,http://data.europa.eu/esco/occupation/1,5120,cook,{ESCO_LABELS},,released,5120.1\n",
    "1.2": "conceptUri,code,iscoGroup,naceCode,altLabels,preferredLabel\n"
    f"http://data.europa.eu/esco/occupation/1,5120.1,5120,I56,{ESCO_LABELS},cook\n",
}


def put(root: Path, source: str, files: dict[str, bytes]) -> None:
    directory = root / "inputs" / "harvest" / source
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (directory / name).write_bytes(content)


def load(root: Path) -> duckdb.DuckDBPyConnection:
    (root / "inputs").mkdir(exist_ok=True)
    connection = duckdb.connect()
    load_harvest(connection, Root(root))
    return connection


def encoded(files: dict[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


def crlf(files: dict[str, str]) -> dict[str, bytes]:
    return {name: text.replace("\n", "\r\n").encode() for name, text in files.items()}


def gzipped(files: dict[str, str]) -> dict[str, bytes]:
    return {f"{name}.gz": gzip.compress(text.encode()) for name, text in files.items()}


def marked(files: dict[str, str]) -> dict[str, bytes]:
    return {name: b"\xef\xbb\xbf" + text.encode() for name, text in files.items()}


@pytest.mark.parametrize("form", [encoded, crlf, gzipped, marked])
@pytest.mark.parametrize("release", [ONET_27, ONET_LATER, ONET_31], ids=["27.0", "29.3", "31.0"])
def test_every_release_of_onet_is_read(tmp_path: Path, release: dict, form: object) -> None:
    put(tmp_path, "onet", form(release))
    connection = load(tmp_path)
    found = {
        table: connection.execute(f"from harvest.onet_{table}").fetchall()
        for table in ("occupations", "alternate_titles", "reported_titles")
    }
    assert found == {
        "occupations": [("onet", "35-2014.00", "Cooks")],
        "alternate_titles": [("onet", "35-2014.00", 'Line "Fry" Cook')],
        "reported_titles": [("onet", "35-2014.00", "Grill Cook")],
    }


@pytest.mark.parametrize("form", [encoded, gzipped, marked])
@pytest.mark.parametrize("version", ESCO)
def test_every_version_of_esco_is_read(tmp_path: Path, version: str, form: object) -> None:
    put(tmp_path, "esco", form({"occupations_en.csv": ESCO[version]}))
    ((_, uri, group, preferred, labels),) = (
        load(tmp_path).execute("from harvest.esco_occupations").fetchall()
    )
    assert (uri, group) == ("http://data.europa.eu/esco/occupation/1", "5120")
    assert (preferred, labels) == ("cook", 'fry cook\nshort-order "line" cook')


def test_a_quoted_field_of_several_lines_may_end_a_record_in_either_form(tmp_path: Path) -> None:
    text = "conceptUri,iscoGroup,preferredLabel,altLabels,description{end}"
    text += 'u:1,2512,"dev","a\nb","multi\nline, x"{end}u:2,2513,"ops",c,"d"{end}'
    for name, end in (("lf", "\n"), ("crlf", "\r\n")):
        put(tmp_path / name, "esco", {"occupations_en.csv": text.format(end=end).encode()})
        connection = load(tmp_path / name)
        assert connection.execute(
            "select uri, preferred_label, alt_labels from harvest.esco_occupations"
        ).fetchall() == [("u:1", "dev", "a\nb"), ("u:2", "ops", "c")]
        assert not connection.execute("from harvest.set_aside").fetchall()


def test_an_absent_source_is_no_error_and_a_partial_one_says_what_it_lacks(tmp_path: Path) -> None:
    put(tmp_path, "onet", {"Occupation Data.txt": ONET_27["Occupation Data.txt"].encode()})
    statuses = load(tmp_path).execute("from harvest.source_status order by 1").fetchall()
    assert statuses == [
        ("bls_ooh", "shipped", []),
        ("esco", "absent", ["occupations_en.csv or occupations_*.csv"]),
        (
            "onet",
            "partial",
            ["Alternate Titles.txt or Job Titles.txt", "Sample of Reported Titles.txt"],
        ),
    ]


@pytest.mark.parametrize(
    ("source", "files", "told"),
    [
        (
            "onet",
            {"Alternate Titles.txt": b"O*NET-SOC Code\tTitle\n1\t2\n"},
            "Titles.txt has no column Alternate Title; its columns are O*NET-SOC Code, Title",
        ),
        ("onet", {"Occupation Data.txt": b""}, "has no column O*NET-SOC Code, Title"),
        (
            "onet",
            {"Occupation Data.txt": b"O*NET-SOC Code\tTitle\nonly one\n"},
            "Occupation Data.txt cannot be read",
        ),
        (
            "onet",
            {"Occupation Data.txt": b"O*NET-SOC Code\tTitle\n1\t\xff\xfe\n"},
            "Occupation Data.txt cannot be read",
        ),
        # By their line ends they are one line: a header and no record.
        (
            "onet",
            {"Occupation Data.txt": b"O*NET-SOC Code\tTitle\r1\tCooks\r"},
            "Occupation Data.txt: its lines end in a carriage return alone",
        ),
        (
            "esco",
            {"occupations_en.csv": b'conceptUri,preferredLabel,altLabels\ra,b,"c\nd"\r'},
            "occupations_en.csv: its lines end in a carriage return alone",
        ),
        ("onet", {"Occupation Data.txt.gz": b"no gzip"}, "Data.txt.gz cannot be read"),
        # A file that is none of these must not be reported for its line ends.
        (
            "onet",
            {"Occupation Data.txt": gzip.compress(b"O*NET-SOC Code\tTitle\n1\tCooks\n")},
            "Occupation Data.txt is compressed by gzip",
        ),
        (
            "esco",
            {"occupations_en.csv": b"PK\x03\x04\x14\0\r\r\x08\n"},
            "occupations_en.csv is a workbook or another zip archive",
        ),
        (
            "esco",
            {"occupations_en.csv": "conceptUri,preferredLabel\r\na,b\r\n".encode("utf-16-le")},
            "as UTF-16 without a byte order mark does. Save it as UTF-8.",
        ),
        (
            "esco",
            {"occupations_en.csv": "conceptUri,preferredLabel\r\na,b\r\n".encode("utf-16")},
            "as UTF-16 does. Save it as UTF-8.",
        ),
        (
            "esco",
            {"occupations_en.csv": b"conceptUri,preferredLabel,altLabels\na,b,c\n"},
            "occupations_en.csv has no column iscoGroup",
        ),
        ("onet", {"Job Titles.txt": b"O*NET-SOC Code\tA\n1\t2\n"}, "has no column Job Title"),
        # Longer than Python's reader takes a field for.
        (
            "esco",
            {"occupations_en.csv": b"x" * 200_000 + b"\n"},
            f"its columns are {'x' * 200}.",
        ),
        (
            "esco",
            {"occupations_en.csv": b'conceptUri,iscoGroup,preferredLabel,altLabels,"x"y\n'},
            "occupations_en.csv, line 1: A quote in its header is not closed",
        ),
        ("unheard_of", {"a.txt": b""}, "unheard_of belongs to no harvest source"),
        (
            "onet",
            {"Occupation Data.txt": b"", "Occupation Data.txt.gz": b""},
            "are two copies of one file. Keep one",
        ),
    ],
)
def test_a_file_of_the_wrong_shape_is_told(
    tmp_path: Path, source: str, files: dict[str, bytes], told: str
) -> None:
    put(tmp_path, source, files)
    with pytest.raises(EngineError) as error:
        load(tmp_path)
    assert told in str(error.value)


def test_a_file_may_be_a_link_to_one_that_lies_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.txt").write_text(ONET_27["Occupation Data.txt"])
    root = tmp_path / "root"
    directory = root / "inputs" / "harvest" / "onet"
    directory.mkdir(parents=True)
    (directory / "Occupation Data.txt").symlink_to(tmp_path / "elsewhere.txt")
    with load(root) as connection:
        found = connection.execute("select count(*) > 0 from harvest.onet_occupations").fetchall()
    assert found == [(True,)]


def test_the_directories_that_lead_to_a_file_decide_nothing(tmp_path: Path) -> None:
    head = "conceptUri,iscoGroup,preferredLabel,altLabels\n"
    files = {"occupations_fr.csv": "développeur", "occupations_de.csv": "Entwickler"}
    for places in (("a", "b"), ("b", "a")):
        root = tmp_path / places[0]
        for place, (name, label) in zip(places, files.items(), strict=True):
            put(root, f"esco/{place}", encoded({name: f"{head}u,2512,{label},\n"}))
        found = load(root).execute(
            "select preferred_label, alt_labels from harvest.esco_occupations"
        )
        assert found.fetchall() == [("Entwickler", "\ndéveloppeur\n")]


def test_a_linked_directory_of_a_source_is_read(tmp_path: Path) -> None:
    """Once, however many ways lead there, and without going round in circles."""
    put(tmp_path / "data", "", encoded({"occupations_en.csv": ESCO["1.2"], "notes.txt": ""}))
    data = tmp_path / "data" / "inputs" / "harvest"
    (data / "round").symlink_to(data)
    root = tmp_path / "root"
    put(root, "onet", encoded(ONET_31))
    put(root, "esco", {})
    for name, leads_to in (("v1.2", data), ("current", Path("v1.2")), ("a", Path("../onet"))):
        (root / "inputs" / "harvest" / "esco" / name).symlink_to(leads_to)
    connection = load(root)
    found = connection.execute("select source_id, file from harvest.files order by all")
    assert found.fetchall() == [
        ("esco", "occupations_en.csv"),
        ("onet", "Job Titles.txt"),
        ("onet", "Occupation Data.txt"),
        ("onet", "Sample of Reported Titles.txt"),
    ]
    assert unread(Root(root)) == ["harvest/esco/current/notes.txt"]


def test_one_bad_record_is_set_aside_and_the_others_are_taken(tmp_path: Path) -> None:
    put(
        tmp_path,
        "onet",
        {
            "Occupation Data.txt": b"O*NET-SOC Code\tTitle\n1\tCooks\n2\n\n3\tA\tB\n\tNo code\n"
            b"4\t\xff\n1\tOther Cooks\n5\tnannies",
            "Job Titles.txt": b"O*NET-SOC Code\tJob Title\tShort Title\n1\tGrill Cook (GC)\tGC\n",
        },
    )
    put(
        tmp_path,
        "esco",
        {
            "occupations_en.csv": b"conceptUri,iscoGroup,preferredLabel,altLabels\n"
            b'a,1,"two\nlines",x\nb,2,7" cook,y\nc,3,cook,z\nd,4,"open,\ne,5,baker,\n'
        },
    )
    connection = load(tmp_path)
    told = connection.execute(
        "select file, line_number, reason from harvest.set_aside order by all"
    ).fetchall()
    assert told == [
        ("Occupation Data.txt", 3, "1 fields, where the header has 2"),
        ("Occupation Data.txt", 5, "3 fields, where the header has 2"),
        ("Occupation Data.txt", 6, "no O*NET-SOC Code"),
        ("Occupation Data.txt", 7, "bytes that are no UTF-8"),
        ("Occupation Data.txt", 8, "another record of 1 is as new or newer"),
        ("occupations_en.csv", 6, "a quote where none belongs"),
    ]
    taken = connection.execute("select code, title from harvest.onet_occupations order by 1")
    assert taken.fetchall() == [("1", "Cooks"), ("5", "nannies")]
    titles = connection.execute("select title from harvest.onet_alternate_titles order by 1")
    assert titles.fetchall() == [("GC",), ("Grill Cook (GC)",)]
    concepts = connection.execute("select uri, preferred_label from harvest.esco_occupations")
    assert concepts.fetchall() == [
        ("a", "two\nlines"),
        ("b", '7" cook'),
        ("c", "cook"),
        ("e", "baker"),
    ]


def test_the_header_is_a_record_like_the_others(tmp_path: Path) -> None:
    """A column that is not needed may have any name, also one of two lines."""
    header = 'conceptUri,iscoGroup,preferredLabel,altLabels,x"a\rb","c\nd"\n'
    put(tmp_path, "esco", encoded({"occupations_en.csv": f"{header}a,1,cook,,,\nb,,\n"}))
    connection = load(tmp_path)
    assert connection.execute("select uri from harvest.esco_occupations").fetchall() == [("a",)]
    assert connection.execute("select line_number from harvest.set_aside").fetchall() == [(4,)]


def test_no_text_is_taken_for_bytes_that_are_none(tmp_path: Path) -> None:
    content = "conceptUri,iscoGroup,preferredLabel,altLabels,x\na,1,de\ufffdv,\\xff,\n".encode()
    content += b"b,1,ops\xff,\xef\xbf\xbd,\nc,1,cook,,\xff\n"
    put(tmp_path, "esco", {"occupations_en.csv": content})
    connection = load(tmp_path)
    found = connection.execute("select preferred_label, alt_labels from harvest.esco_occupations")
    assert found.fetchall() == [("de\ufffdv", "\\xff"), ("cook", "")]
    aside = connection.execute("select line_number, reason, text from harvest.set_aside")
    assert aside.fetchall() == [(3, "bytes that are no UTF-8", "b,1,ops\\xff,\ufffd,")]


def test_of_a_doubled_concept_the_newest_counts_in_every_language(tmp_path: Path) -> None:
    head = "conceptUri,iscoGroup,preferredLabel,altLabels,modifiedDate\n"
    english = head + "u,5120,old cook,a,2020-01-01\nu,5120,cook,b,2024-05-14\nu,5120,other,c,\n"
    german = head + "u,5120,Koch,Köchin,2024-05-14\nv,5131,Kellner,,2024-05-14\n"
    files = {"occupations_de.csv": german, "occupations_en.csv": english}
    put(tmp_path, "esco", encoded(files))
    connection = load(tmp_path)
    assert connection.execute(
        "select * exclude (source_id) from harvest.esco_occupations"
    ).fetchall() == [
        ("u", "5120", "cook", "b\nKoch\nKöchin"),
        ("v", "5131", "Kellner", ""),
    ]
    aside = connection.execute("select file, line_number from harvest.set_aside order by 2")
    assert aside.fetchall() == [("occupations_en.csv", 2), ("occupations_en.csv", 4)]


def test_a_name_that_is_no_text_is_told_as_the_log_tells_it(tmp_path: Path) -> None:
    broken = b"conceptUri,iscoGroup,preferredLabel,altLabels\na,1,cook,\nb,1\n"
    put(tmp_path, "esco", {os.fsdecode(b"occupations_\xff.csv"): broken})
    put(tmp_path, "esco", {"occupations_z.csv": broken.replace(b"\na,", b"\nc,")})
    connection = load(tmp_path)
    names = ["occupations_\\xff.csv", "occupations_z.csv"]
    for table in ("files", "set_aside"):
        found = connection.execute(f"select file from harvest.{table} order by source_id, file")
        assert found.fetchall() == [(name,) for name in names]
    assert [file["file"] for file in noted_files(Root(tmp_path)) or []] == names


def test_what_is_not_read_is_named(tmp_path: Path) -> None:
    put(tmp_path, "onet", encoded({"OCCUPATION DATA.TXT": "x", "Skills.txt": "", ".hidden": ""}))
    put(tmp_path, "onet/db_31_0_text", encoded({"Job Titles.txt": "x", "Read Me.txt": ""}))
    (tmp_path / "inputs" / "harvest" / "notes.txt").write_text("x")
    assert unread(Root(tmp_path)) == [
        "harvest/notes.txt",
        "harvest/onet/Skills.txt",
        "harvest/onet/db_31_0_text/Read Me.txt",
    ]


def test_a_pipe_is_not_waited_for_nor_a_file_taken_for_a_directory(tmp_path: Path) -> None:
    put(tmp_path, "onet", {})
    os.mkfifo(tmp_path / "inputs" / "harvest" / "onet" / "Job Titles.txt")
    with pytest.raises(EngineError, match="a named pipe, where a file belongs"):
        load(tmp_path)
    (tmp_path / "other" / "inputs").mkdir(parents=True)
    (tmp_path / "other" / "inputs" / "harvest").write_text("")
    with pytest.raises(EngineError, match="is a file; a directory"):
        load(tmp_path / "other")
    (tmp_path / "third" / "inputs" / "harvest").mkdir(parents=True)
    (tmp_path / "third" / "inputs" / "harvest" / "onet").write_text("")
    with pytest.raises(EngineError, match="onet is a file; a directory of the source's"):
        load(tmp_path / "third")


@pytest.mark.parametrize(
    "name", ["semantic_patches", "declined_patches", "harvest", "harvest/onet"]
)
def test_a_link_to_nothing_is_no_empty_directory(tmp_path: Path, name: str) -> None:
    """An unmounted directory was taken for a log without patches, and published."""
    link = tmp_path / "inputs" / name
    link.parent.mkdir(parents=True)
    (tmp_path / "inputs" / "title_rows.jsonl").write_text("")
    link.symlink_to(tmp_path / "missing")
    root = Root(tmp_path)
    with pytest.raises(EngineError, match=name):
        root.input_files(), root.declined_files(), load(tmp_path)
    link.unlink()
    link.write_text("")
    with pytest.raises(EngineError, match=rf"{name} is a file; a directory of"):
        root.input_files(), root.declined_files(), load(tmp_path)


def test_a_directory_that_may_not_be_read_is_not_taken_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user who runs the tests may read everything, so the system's answer is faked."""
    look = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name in ("onet", "notes", ".snapshot"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return look(path)

    monkeypatch.setattr(os, "scandir", refuse)
    for name in ("harvest/esco/.snapshot", "notes"):
        (tmp_path / "inputs" / name).mkdir(parents=True)
    assert Root(tmp_path).unread_files([]) == ["notes"]
    load(tmp_path)
    put(tmp_path, "onet", {})
    with pytest.raises(EngineError, match="onet cannot be read: Permission denied"):
        load(tmp_path)
