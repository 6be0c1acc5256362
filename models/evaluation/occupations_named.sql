-- Every tenth title of the Handbook, held out, with the occupation that the other titles suggest: by phrases, as in
-- `occupation_votes`, and by the nearest title in character n-grams with TF-IDF, a baseline that a user would write in
-- ten lines.
with
titles as (
    select
        {{ function('match_key') }}(title) as match_key,
        min({{ function('slug') }}(occupation)) as occupation
    from {{ ref('bls_ooh_titles') }}
    group by {{ function('match_key') }}(title)
    having count(distinct occupation) = 1
),

phrases as (
    select
        match_key,
        occupation,
        unnest({{ function('phrases_in') }}(match_key)) as phrase
    from titles
),

counts as (
    select
        phrase,
        occupation,
        count(*) as titles
    from phrases
    group by phrase, occupation
),

weighted as (
    select
        *,
        sum(titles) over (partition by phrase) as phrase_titles,
        round(1000 * (ln((select count(*) from titles) / sum(titles) over (partition by phrase)) + 1)) as weight
    from counts
),

asked as (
    select * from titles
    qualify row_number() over (order by match_key) % 10 = 0
),

by_phrases as (
    select
        asked.match_key,
        weighted.occupation,
        sum({{ function('voice') }}(
            weighted.weight,
            weighted.titles - (weighted.occupation = asked.occupation)::int,
            weighted.phrase_titles - 1
        )) as score
    from asked
    inner join phrases on asked.match_key = phrases.match_key
    inner join weighted on phrases.phrase = weighted.phrase
    group by asked.match_key, weighted.occupation
),

n_grams as (
    select
        match_key,
        unnest(list_distinct(list_transform(
            range(1, len(match_key) + 1), lambda i: (' ' || match_key || ' ')[i:i + 2]
        ))) as n_gram
    from titles
),

rarities as (
    select
        n_gram,
        round(1000 * (ln((select count(*) from titles) / count(*)) + 1))::bigint as rarity
    from n_grams
    group by n_gram
),

vectors as (
    select
        n_grams.match_key,
        n_grams.n_gram,
        rarities.rarity,
        sum(rarities.rarity * rarities.rarity) over (partition by n_grams.match_key) as squared_length
    from n_grams
    inner join rarities on n_grams.n_gram = rarities.n_gram
),

-- The cosine, without dividing by the tested title's own length, which does not change the order.
likenesses as (
    select
        asked.match_key,
        other.match_key as other_key,
        sum(vectors.rarity * other.rarity) / sqrt(any_value(other.squared_length)) as score
    from asked
    inner join vectors on asked.match_key = vectors.match_key
    inner join vectors as other on vectors.n_gram = other.n_gram and vectors.match_key <> other.match_key
    group by asked.match_key, other.match_key
),

by_n_grams as (
    select
        likenesses.match_key,
        titles.occupation,
        max(likenesses.score) as score
    from likenesses
    inner join titles on likenesses.other_key = titles.match_key
    group by likenesses.match_key, titles.occupation
),

named as (
    select
        'phrases' as way,
        *
    from by_phrases
    union all
    select
        'character n-grams' as way,
        *
    from by_n_grams
)

select
    named.way,
    named.match_key,
    named.occupation,
    named.occupation = asked.occupation as is_right
from named
inner join asked on named.match_key = asked.match_key
where named.score > 0
qualify row_number() over (
    partition by named.way, named.match_key order by named.score desc, named.occupation
) = 1
