{#- The lanes, in the order of precedence, each with the label that people read, the model that publishes
    it, and its rules: the first rule that holds decides. `predicate` is SQL over a replayed title, `member` what it
    looks at, `remedy` what ends it; the last rule holds where no other does, and nothing has to end it. From here
    come the lanes' `case`, the reasons, the values that gates accept, the counts, the lanes' files, what a
    build prints and `explain` says. Which job a lane feeds, the job says. -#}
{% macro lanes() %}
    {%- set published = 'semantic_patch_replay_v1_' -%}
    {%- set has_candidate = 'len(source_refs) = 0 and len(candidate_source_refs) > 0' -%}
    {{- return([
        {'name': 'hold', 'label': 'Hold for source mining', 'model': published ~ 'holds', 'rules': [
            {'name': 'explicit_hold', 'predicate': 'hold_reason is not null', 'member': 'hold_reason',
                'remedy': 'take hold_reason away, once its reason is gone'},
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
                'remedy': 'take its caveats away, once they are no longer true'},
            {'name': 'has_rejected_patch', 'predicate': 'len(patches_rejected) > 0', 'member': 'patches_rejected',
                'remedy': 'write its rejected patches again'},
        ]},
        {'name': 'packet_hardening', 'label': 'Packet hardening candidate',
            'model': published ~ 'packet_hardening', 'rules': [
            {'name': 'clean', 'predicate': 'true', 'member': none, 'remedy': none},
        ]},
    ]) -}}
{% endmacro %}

{#- The lanes as people read them, the best first. -#}
{% macro runtime_lanes() %}
    {{- return(lanes() | reverse | list) -}}
{% endmacro %}

{#- The lane that a model publishes; undefined of a model that publishes none. -#}
{% macro lane_of(model_name) %}
    {{- return(lanes() | selectattr('model', 'equalto', model_name) | first) -}}
{% endmacro %}

{#- All that a lane's model says: its file has the lines that the file of all titles has of the lane, and the
    published database a view of its rows. -#}
{% macro titles_of_lane() -%}
select * from {{ ref('semantic_patch_replay_v1') }}
where runtime_lane = '{{ lane_of(this.identifier).name }}'
{%- endmacro %}

{#- The rules of all lanes, in the order of precedence, each with its lane's name. -#}
{% macro lane_rules() %}
    {%- set rules = [] -%}
    {%- for lane in lanes() -%}
        {%- for rule in lane.rules -%}
            {%- do rules.append(dict(rule, lane=lane.name)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(rules) -}}
{% endmacro %}

{#- CTEs that sort documents into lanes: of the CTE `documents`, `laned` is the same rows with lane, rule and
    reasons. A document has the members of a replayed title, and `patches_rejected`. -#}
{% macro sorted_into_lanes(documents) %}
judged as (
    select
        *,
        {%- for rule in lane_rules() %}
        {{ rule.predicate }} as {{ rule.name }}{{ "," if not loop.last }}
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
