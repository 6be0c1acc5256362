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
    {%- for rule in flag_rules() %}
    select
        title_id,
        {{ rule.position }} as position,
        '{{ rule.rule_id }}' as rule_id,
        '{{ rule.flag }}' as flag,
        $text${{ rule.why }}$text$ as why
    from titles
    where
        regexp_matches(clean_title, $text${{ rule.pattern }}$text$, 'i')
        {%- if rule.unless %}
        and not regexp_matches(clean_title, $text${{ rule.unless }}$text$)
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
