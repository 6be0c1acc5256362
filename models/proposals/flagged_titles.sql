-- depends_on: {{ ref('flag_rules') }}
with
titles as (
    select
        title_id,
        clean_title,
        coalesce(why = 'same key', false) as is_exact
    from {{ ref('title_matches') }}
),

flags as (
    {%- for rule in patterns_of('flag_rules', 'position') %}
    select
        title_id,
        {{ rule.position }} as position,
        '{{ rule.rule_id }}' as rule_id,
        '{{ rule.flag }}' as flag,
        {{ sql_text(rule.why) }} as why
    from titles
    where
        regexp_matches(clean_title, {{ sql_text(rule.pattern) }}, 'i')
        {%- if rule.unless %}
        and not regexp_matches(clean_title, {{ sql_text(rule.unless) }})
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
        '' as flag,
        '' as why
    from titles
    where false
)

select * from flags
