-- Lines in = outcomes + lines quarantined. A patch without an outcome would be lost silently.
with
counts as (
    select
        (
            select count(*) from {{ source('inputs', 'lines') }}
            where input = 'semantic_patches'
        ) as lines_in,
        (select count(*) from {{ ref('semantic_patch_replay_v1_patch_outcomes') }}) as outcomes,
        (
            select count(*) from {{ ref('semantic_patch_replay_v1_quarantine') }}
            where input = 'semantic_patches'
        ) as quarantined
)

select * from counts
where lines_in <> outcomes + quarantined
