{#- Every caveat that a proposed patch adds must have its sentence for learners. Otherwise the patch would be accepted,
    and its title be missed only when the fixtures are made. -#}
{% test added_caveats_are_in_the_catalogue(model) %}
with
operations as (
    select
        title_id,
        patch_id,
        unnest(json_extract(ops, '$[*]')) as operation
    from {{ model }}
),

added as (
    select
        title_id,
        patch_id,
        operation ->> '/value' as code
    from operations
    where operation ->> '/op' = 'add' and starts_with(operation ->> '/path', '/caveats/')
)

select added.*
from added
anti join {{ ref('caveat_catalogue') }} as catalogue on added.code = catalogue.code
{% endtest %}
