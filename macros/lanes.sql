{#- The rules of the lanes, in the order of precedence: the first that holds decides. `holds` is SQL over
    a replayed title; the last rule holds where no other does. From here come the lane's `case`, the
    reasons and the values that gates accept. -#}
{% macro lane_rules() %}
    {%- set has_candidate = 'len(source_refs) = 0 and len(candidate_source_refs) > 0' -%}
    {{- return([
        {'name': 'explicit_hold', 'lane': 'hold', 'holds': 'hold_reason is not null'},
        {'name': 'no_learner_title', 'lane': 'hold', 'holds': 'learner_title is null or ' ~ is_blank('learner_title')},
        {'name': 'no_source_ref', 'lane': 'hold', 'holds': 'len(source_refs) = 0 and len(candidate_source_refs) = 0'},
        {'name': 'candidate_source_ref_only', 'lane': 'source_ref_rerun', 'holds': has_candidate},
        {'name': 'has_caveats', 'lane': 'serviceable_with_caveat', 'holds': 'len(caveats) > 0'},
        {'name': 'has_rejected_patch', 'lane': 'serviceable_with_caveat', 'holds': 'len(patches_rejected) > 0'},
        {'name': 'clean', 'lane': 'packet_hardening', 'holds': 'true'},
    ]) -}}
{% endmacro %}

{#- CTEs that sort documents into lanes: of the CTE `documents`, `laned` is the same rows with lane, rule and
    reasons. A document has the members of a replayed title, and `patches_rejected`. -#}
{% macro sorted_into_lanes(documents) %}
judged as (
    select
        *,
        {%- for rule in lane_rules() %}
        {{ rule.holds }} as {{ rule.name }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ documents }}
),

-- Every rule that holds, in the order of precedence; the last one only where no other does.
reasons as (
    select
        * exclude ({{ lane_rules() | map(attribute='name') | join(', ') }}),
        -- The lanes. First match wins.
        case
            {%- for rule in lane_rules() %}
            when {{ rule.name }} then '{{ rule.lane }}'
            {%- endfor %}
        end as runtime_lane,
        list_filter(
            [
                {%- for rule in lane_rules()[:-1] %}
                case when {{ rule.name }} then '{{ rule.name }}' end{{ "," if not loop.last }}
                {%- endfor %}
            ],
            lambda rule: rule is not null
        ) as rules
    from judged
),

laned as (
    select
        * exclude (rules),
        coalesce(rules[1], '{{ lane_rules()[-1].name }}') as lane_rule_id,
        case when len(rules) = 0 then ['{{ lane_rules()[-1].name }}'] else rules end as lane_reasons
    from reasons
)
{% endmacro %}

{#- The runtime lanes, in order, with the labels that people read and the model that publishes each.
    From here come the counts, the lanes' files and what a build prints. -#}
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
