-- depends_on: {{ ref('noise_classes') }}
with
texts as (
    select distinct clean_title from {{ ref('cleaned_titles') }}
),

noises as (
    {%- for class in patterns_of('noise_classes', 'noise_class') %}
    select
        clean_title,
        {{ text_literal(class.noise_class) }} as noise_class
    from texts
    where regexp_matches(clean_title, {{ text_literal(class.pattern) }})
    union all
    {%- endfor %}
    select
        clean_title,
        '' as noise_class
    from texts
    where false
)

select
    titles.title_id,
    noises.clean_title,
    noises.noise_class
from noises
inner join {{ ref('cleaned_titles') }} as titles on noises.clean_title = titles.clean_title
