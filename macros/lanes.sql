{#- The lanes, in order of precedence, each with the label that people read, the model that publishes it, and its rules:
    the first rule whose predicate is true decides. `predicate` is SQL over a replayed title, `member` what it looks at,
    `remedy` what a person can do about it; the last rule applies where no other does, and needs no remedy. The lanes'
    `case`, the reasons, the values that gates accept, the counts, the lanes' files, a build's output and that of
    `explain` are all derived from this list. Which job a lane feeds is part of the job. -#}
{% macro lanes() %}
    {%- set published = 'semantic_patch_replay_v1_' -%}
    {%- set has_candidate = 'len(source_refs) = 0 and len(candidate_source_refs) > 0' -%}
    {{- return([
        {'name': 'hold', 'label': 'Hold for source mining', 'model': published ~ 'holds', 'rules': [
            {'name': 'explicit_hold', 'predicate': 'hold_reason is not null', 'member': 'hold_reason',
                'remedy': 'remove hold_reason once its reason is gone'},
            {'name': 'no_learner_title', 'predicate': 'learner_title is null or ' ~ function('is_blank') ~ '(learner_title)',
                'member': 'learner_title', 'remedy': 'give it a learner_title'},
            {'name': 'no_source_ref', 'predicate': 'len(source_refs) = 0 and len(candidate_source_refs) = 0',
                'member': 'source_refs', 'remedy': 'find a source for it: mine-holds looks in every one'},
        ]},
        {'name': 'source_ref_rerun', 'label': 'Source-ref attach and rerun',
            'model': published ~ 'source_ref_rerun', 'rules': [
            {'name': 'candidate_source_ref_only', 'predicate': has_candidate, 'member': 'candidate_source_refs',
                'remedy': 'attach a source: source-ref-rerun chooses among the candidates'},
        ]},
        {'name': 'serviceable_with_caveat', 'label': 'Serviceable with caveat',
            'model': published ~ 'serviceable_with_caveat', 'rules': [
            {'name': 'has_caveats', 'predicate': 'len(caveats) > 0', 'member': 'caveats',
                'remedy': 'remove its caveats once they are no longer true'},
            {'name': 'has_rejected_patch', 'predicate': 'len(patches_rejected) > 0', 'member': 'patches_rejected',
                'remedy': 'write its rejected patches again'},
        ]},
        {'name': 'packet_hardening', 'label': 'Packet hardening candidate',
            'model': published ~ 'packet_hardening', 'rules': [
            {'name': 'clean', 'predicate': 'true', 'member': none, 'remedy': none},
        ]},
    ]) -}}
{% endmacro %}

{#- The lanes in the order in which people read them, the best first. -#}
{% macro runtime_lanes() %}
    {{- return(lanes() | reverse | list) -}}
{% endmacro %}

{#- The lane that a model publishes; undefined for a model that publishes none. -#}
{% macro lane_of(model_name) %}
    {{- return(lanes() | selectattr('model', 'equalto', model_name) | first) -}}
{% endmacro %}

{#- The complete SQL of a lane's model: the lane's file consists of its lines in the file of all titles, and the
    published database has a view with its rows. -#}
{% macro titles_of_lane() -%}
select * from {{ ref('semantic_patch_replay_v1') }}
where runtime_lane = '{{ lane_of(this.identifier).name }}'
{%- endmacro %}

{#- The rules of all lanes, in order of precedence, each with its lane's name. -#}
{% macro lane_rules() %}
    {%- set rules = [] -%}
    {%- for lane in lanes() -%}
        {%- for rule in lane.rules -%}
            {%- do rules.append(dict(rule, lane=lane.name)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(rules) -}}
{% endmacro %}

{#- CTEs that sort documents into lanes: `laned` has the rows of the CTE `documents` plus lane, rule and reasons. A
    document has the members of a replayed title, and `patches_rejected`. -#}
{% macro sorted_into_lanes(documents) %}
judged as (
    select
        *,
        {%- for rule in lane_rules() %}
        {{ rule.predicate }} as {{ rule.name }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ documents }}
),

-- Every rule whose predicate is true, in order of precedence; the last rule only where no other applies.
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
