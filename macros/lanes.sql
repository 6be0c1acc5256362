{#- The four runtime lanes, in order, with the labels that people read and the model that publishes
    each. -#}
{% macro runtime_lanes() %}
    {%- set published = 'semantic_patch_replay_v1_' -%}
    {{- return([
        {'name': 'packet_hardening', 'label': 'Packet hardening candidate',
            'model': published ~ 'packet_hardening'},
        {'name': 'serviceable_with_caveat', 'label': 'Serviceable with caveat',
            'model': published ~ 'serviceable_with_caveat'},
        {'name': 'source_ref_rerun', 'label': 'Source-ref attach and rerun',
            'model': published ~ 'source_ref_rerun'},
        {'name': 'hold', 'label': 'Hold for source mining', 'model': published ~ 'holds'},
    ]) -}}
{% endmacro %}
