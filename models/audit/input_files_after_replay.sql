-- depends_on: {{ ref('semantic_patch_replay_v1') }}
{{ config(post_hook={'sql': '{{ measure_inputs() }}', 'transaction': false}) }}

select * from {{ source('inputs', 'files') }}
where false
