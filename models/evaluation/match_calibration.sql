with
{%- set judgements = [('matches', 'match', match_features()), ('guesses', 'guess', guess_features())] %}

{%- for what, name, features in judgements %}

{{ name }}_weights as (
    select {{ match_weights(features) }} as by_feature from {{ ref(name ~ '_coefficients') }}
),

{{ what }} as (
    select
        '{{ what }}' as what,
        judged."right" as is_right,
        {{ match_odds(feature_columns(features), 'weights.by_feature') }} as odds,
        {{ function('match_score') }}(odds, weights.by_feature['knee'], weights.by_feature['rise']) as score,
        {{ 'judged.title' if what == 'guesses' else 'null' }} as title
    from {{ ref('judged_' ~ what) }} as judged
    cross join {{ name }}_weights as weights
    where judged.kept = 1
),
{%- endfor %}

-- The guesses that are named for a title, and how likely one of them is right, as in `occupation_guesses`.
named as (
    select * from guesses
    where score >= 0.05
    qualify row_number() over (partition by title order by score desc, is_right) <= 5
),

titles as (
    select
        'titles with guesses' as what,
        max(is_right) as is_right,
        round(1 - product(1 - score), 9) as score
    from named
    group by title
),

scored as (
    select * exclude (odds, title) from matches
    union all
    select * exclude (odds, title) from guesses
    union all
    select * from titles
),

bands (what, low, high) as (
    select
        kinds.what,
        bands.*
    from (values ('matches'), ('guesses'), ('titles with guesses')) as kinds (what)
    cross join (
        values (0.0, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.01)
    ) as bands
)

select
    bands.what,
    bands.low::double as low,
    least(bands.high, 1)::double as high,
    count(scored.score) as judged,
    coalesce(sum(scored.is_right), 0)::bigint as right_ones,
    round(avg(scored.is_right), 3) as accepted
from bands
left join scored on bands.what = scored.what and bands.low <= scored.score and bands.high > scored.score
group by bands.what, bands.low, bands.high
