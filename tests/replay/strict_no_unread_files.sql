-- Under the var `strict` every file under the inputs must be one that a run reads. A log of nearly the
-- right name would be passed over otherwise.
select * from {{ source('inputs', 'unread_files') }}
where {{ 'true' if var('strict') else 'false' }}

-- A gate of the replay, as the other one of the var is: depends_on: {{ ref('semantic_patch_replay_v1_quarantine') }}
