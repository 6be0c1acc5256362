-- depends_on: {{ ref('flag_rules') }}, {{ ref('pattern_phrases') }}
with
titles as (
    select
        title_id,
        clean_title,
        coalesce(rule_id = 'exact_evidence', false) as is_exact
    from {{ ref('title_matches') }}
),

flags as (
    {%- for rule in rules_of('flag_rules', 'position') %}
    select
        title_id,
        {{ rule.position }} as position,
        '{{ rule.rule_id }}' as rule_id,
        '{{ rule.flag }}' as flag
    from titles
    where
        regexp_matches(clean_title, {{ sql_text(rule.pattern) }}, 'i')
        {%- if rule.unless %}
        and not regexp_matches(clean_title, {{ sql_text(rule.unless) }}, 'i')
        {%- endif %}
        {%- if rule.unless_exact %}
        and not is_exact
        {%- endif %}
    union all
    {%- endfor %}
    select
        title_id,
        0 as position,
        '' as rule_id,
        '' as flag
    from titles
    where false
)

select * from flags
