-- depends_on: {{ ref('stg_title_rows') }}, {{ ref('tried_replay_chunks') }}, {{ ref('tried_plain_states') }}
-- depends_on: {{ function('replay_step') }}, {{ function('changed_members') }}
{{ twin_of('replay_states', 'tried') }}
