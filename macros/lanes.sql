{#- The four runtime lanes, in order, with the labels that people read. -#}
{% macro runtime_lanes() %}
    {{- return([
        {'name': 'packet_hardening', 'label': 'Packet hardening candidate'},
        {'name': 'serviceable_with_caveat', 'label': 'Serviceable with caveat'},
        {'name': 'source_ref_rerun', 'label': 'Source-ref attach and rerun'},
        {'name': 'hold', 'label': 'Hold for source mining', 'file': 'holds'},
    ]) -}}
{% endmacro %}
