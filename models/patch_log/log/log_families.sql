with
families as (
    select
        first_id,
        bool_or(not is_undone) as is_in_force
    from {{ ref('log_patches') }}
    group by first_id
),

-- Of every id that ends in one, whatever it is of: a new id is nobody's.
numbers as (
    select
        {{ function('again_base') }}(patch_id) as base_id,
        max({{ function('again_number') }}(patch_id)) as last_number
    from {{ ref('log_patches') }}
    group by base_id
)

select
    families.first_id,
    coalesce(numbers.last_number, 1) as last_number,
    families.is_in_force
from families
left join numbers on families.first_id = numbers.base_id
