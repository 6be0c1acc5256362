with
weights as (
    select {{ match_weights() }} as by_feature from {{ ref('match_coefficients') }}
),

scored as (
    select
        judged."right" as is_right,
        {{ match_odds(match_feature_columns(), 'weights.by_feature') }} as odds,
        {{ function('match_score') }}(odds, weights.by_feature['knee'], weights.by_feature['rise']) as score
    from {{ ref('judged_matches') }} as judged
    cross join weights
    where judged.kept = 1
),

bands (low, high) as (
    values (0.0, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.01)
)

select
    bands.low::double as low,
    least(bands.high, 1)::double as high,
    count(scored.score) as judged,
    coalesce(sum(scored.is_right), 0)::bigint as right_ones,
    round(avg(scored.is_right), 3) as accepted
from bands
left join scored on bands.low <= scored.score and bands.high > scored.score
group by bands.low, bands.high
