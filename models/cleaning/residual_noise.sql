-- depends_on: {{ ref('noise_classes') }}
with
noises as (
    {%- for class in patterns_of('noise_classes', 'noise_class') %}
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
