-- depends_on: {{ ref('noise_classes') }}
{%- set classes = [] %}
{%- if execute and load_relation(ref('noise_classes')) is not none %}
    {%- set classes = run_query('select * from ' ~ ref('noise_classes') ~ ' order by noise_class').rows | list %}
{%- endif %}
with
noises as (
    {%- for class in classes %}
    select
        title_id,
        clean_title,
        {{ sql_text(class.noise_class) }} as noise_class
    from {{ ref('cleaned_titles') }}
    where regexp_matches(clean_title, {{ sql_text(class.pattern) }})
    union all
    {%- endfor %}
    select
        title_id,
        clean_title,
        '' as noise_class
    from {{ ref('cleaned_titles') }}
    where false
)

select * from noises
