-- depends_on: {{ ref('stg_title_rows') }}, {{ ref('tried_replay_chunks') }}
{{ twin_of('replay_states', 'tried') }}
