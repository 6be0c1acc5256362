with
lines as (
    select
        text ->> '/patch_id' as patch_id,
        coalesce(text ->> '/taken_back' = 'true', false) as is_taken_back
    from {{ source('inputs', 'lines') }}
    where input = 'declined_patches'
)

select patch_id
from lines
where patch_id is not null
group by patch_id
having count(*) filter (not is_taken_back) > count(*) filter (is_taken_back)
