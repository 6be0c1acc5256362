"""The publishers' own files are read as they are, by the names of their columns."""

import gzip
from pathlib import Path

import duckdb
import pytest

from aina_data_engine.errors import EngineError
from aina_data_engine.harvest import load_harvest
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
    load_harvest(connection, Root(root), links_out=False)
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
@pytest.mark.parametrize("release", [ONET_27, ONET_LATER], ids=["27.0", "later"])
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


def test_an_absent_source_is_no_error_and_a_partial_one_says_what_it_lacks(tmp_path: Path) -> None:
    put(tmp_path, "onet", {"Occupation Data.txt": ONET_27["Occupation Data.txt"].encode()})
    statuses = load(tmp_path).execute("from harvest.source_status order by 1").fetchall()
    assert statuses == [
        ("bls_ooh", "shipped", []),
        ("esco", "absent", ["occupations_en.csv"]),
        ("onet", "partial", ["Alternate Titles.txt", "Sample of Reported Titles.txt"]),
    ]


@pytest.mark.parametrize(
    ("source", "files", "told"),
    [
        (
            "onet",
            {"Alternate Titles.txt": b"O*NET-SOC Code\tTitle\n1\t2\n"},
            "Alternate Titles.txt has no column Alternate Title; it has O*NET-SOC Code, Title",
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
        ("onet", {"Occupation Data.txt.gz": b"no gzip"}, "Data.txt.gz cannot be read"),
        (
            "esco",
            {"occupations_en.csv": b"conceptUri,preferredLabel,altLabels\na,b,c\n"},
            "occupations_en.csv has no column iscoGroup",
        ),
        ("unheard_of", {"a.txt": b""}, "names no source unheard_of"),
        (
            "onet",
            {"Occupation Data.txt": b"", "Occupation Data.txt.gz": b""},
            "are both there; keep one",
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


def test_a_link_out_of_the_root_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.txt").write_text(ONET_27["Occupation Data.txt"])
    root = tmp_path / "root"
    directory = root / "inputs" / "harvest" / "onet"
    directory.mkdir(parents=True)
    (directory / "Occupation Data.txt").symlink_to(tmp_path / "elsewhere.txt")
    with pytest.raises(EngineError, match="leads out of the root"):
        load(root)
