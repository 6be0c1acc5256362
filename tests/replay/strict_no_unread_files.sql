-- Under the var `strict` every file under the inputs must be one that a run reads. Otherwise a log whose file name is
-- slightly wrong would be ignored.
select * from {{ source('inputs', 'unread_files') }}
where {{ 'true' if var('strict') else 'false' }}

-- A gate of the replay, like the other one of this var: depends_on: {{ ref('semantic_patch_replay_v1_quarantine') }}
