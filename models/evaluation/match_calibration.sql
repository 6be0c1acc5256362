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
        {{ function('match_score') }}(odds, weights.by_feature['knee'], weights.by_feature['rise']) as score
    from {{ ref('judged_' ~ what) }} as judged
    cross join {{ name }}_weights as weights
    where judged.kept = 1
),
{%- endfor %}

scored as (
    select * from matches
    union all
    select * from guesses
),

bands (what, low, high) as (
    select
        kinds.what,
        bands.*
    from (values ('matches'), ('guesses')) as kinds (what)
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
