{{ config(materialized='view') }}

with
titles as (
    select
        *,
        {{ lane_predicates() }}
    from {{ ref('replayed_titles') }}
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
    from titles
)

select
    * exclude (rules),
    coalesce(rules[1], '{{ lane_rules()[-1].name }}') as lane_rule_id,
    case when len(rules) = 0 then ['{{ lane_rules()[-1].name }}'] else rules end as lane_reasons
from reasons
