{{ config(materialized='view', post_hook=keep_in_database()) }}

with
effects as (
    select
        *,
        -- A patch that changed nothing has a row as well.
        unnest(case when outcome = 'applied' then {{ changed_members('before', 'after') }} else [null] end) as effect
    from {{ ref('patch_outcomes') }}
)

select
    title_id,
    patch_seq,
    patch_id,
    outcome,
    file,
    line_number,
    effect.member,
    effect.before,
    effect.after
from effects
