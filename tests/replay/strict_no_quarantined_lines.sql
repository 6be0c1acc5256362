-- Under the var `strict` every input line must have been accepted.
select * from {{ ref('semantic_patch_replay_v1_quarantine') }}
where {{ 'true' if var('strict') else 'false' }}
