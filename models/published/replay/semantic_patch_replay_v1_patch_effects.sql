{{ config(materialized='view', post_hook=keep_in_database()) }}

with
effects as (
    select
        *,
        -- A patch that changed nothing has a row as well.
        unnest(coalesce(changes, [null])) as effect
    from {{ ref('patch_outcomes') }}
)

select
    effects.title_id,
    effects.patch_seq,
    effects.patch_id,
    effects.outcome,
    effects.file,
    effects.line_number,
    members.member,
    if(members.kind = 'list', to_json(effects.effect.before), to_json(effects.effect.before[1])) as before,
    if(members.kind = 'list', to_json(effects.effect.after), to_json(effects.effect.after[1])) as after
from effects
left join {{ ref('title_members') }} as members on effects.effect.member = members.document_index
