-- The commands that build nothing read this rule, too, see `declines.py`.
with
lines as (
    select
        {{ function('declined_as') }}(text ->> '/patch_id') as first_id,
        coalesce(text ->> '/taken_back' = 'true', false) as is_taken_back
    from {{ source('inputs', 'lines') }}
    where input = 'declined_patches'
)

select
    first_id,
    count(*) filter (not is_taken_back) - count(*) filter (is_taken_back) as times
from lines
where first_id is not null
group by first_id
having times > 0
