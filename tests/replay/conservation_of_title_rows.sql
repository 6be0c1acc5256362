-- Lines in = rows accepted + lines quarantined. A row that is neither would be lost silently.
with
counts as (
    select
        (
            select count(*) from {{ source('inputs', 'lines') }}
            where input = 'title_rows'
        ) as lines_in,
        (select count(*) from {{ ref('semantic_patch_replay_v1') }}) as accepted,
        (
            select count(*) from {{ ref('semantic_patch_replay_v1_quarantine') }}
            where input = 'title_rows'
        ) as quarantined
)

select * from counts
where lines_in <> accepted + quarantined
