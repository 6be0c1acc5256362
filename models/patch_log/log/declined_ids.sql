with
lines as (
    select
        {{ function('again_family') }}(text ->> '/patch_id') as first_id,
        coalesce(text ->> '/taken_back' = 'true', false) as is_taken_back
    from {{ source('inputs', 'lines') }}
    where input = 'declined_patches'
)

select first_id
from lines
where first_id is not null
group by first_id
having count(*) filter (not is_taken_back) > count(*) filter (is_taken_back)
