-- A title for which a way suggests nothing counts as wrong.
with
asked as (
    select count(distinct match_key) as titles from {{ ref('occupations_named') }}
),

ways as (
    select
        way,
        count_if(is_right) as right_ones
    from {{ ref('occupations_named') }}
    group by way
)

select
    ways.way,
    asked.titles,
    ways.right_ones,
    round(ways.right_ones / asked.titles, 3) as accuracy
from ways
cross join asked
