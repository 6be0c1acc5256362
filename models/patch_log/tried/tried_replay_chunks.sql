-- depends_on: {{ ref('tried_replay_operations') }}, {{ ref('tried_replay_steps') }}
{{ twin_of('replay_chunks', 'tried') }}
