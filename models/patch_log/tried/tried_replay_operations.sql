-- depends_on: {{ ref('tried_stg_semantic_patches') }}, {{ ref('tried_plain_patches') }}
-- depends_on: {{ function('is_string_list') }}, {{ function('quoted_text') }}, {{ function('has_repeats') }}
{{ twin_of('replay_operations', 'tried') }}
