-- depends_on: {{ ref('tried_replay_operations') }}, {{ ref('title_members') }}
{{ twin_of('replay_pointers', 'tried') }}
