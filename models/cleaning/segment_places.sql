with
-- One or several places, or the rest of a list of places: Paris or London; Rio de Janeiro/ RJ; or Rock Springs.
place_items as (
    select
        segment,
        unnest(string_split_regex(
            {{ function('without_words_about_places') }}(key),
            '\s*[,/&|+;]\s*|(?:^|\s+)(?:or|and|to|und|oder|et|ou|e|y|o)\s+|\s+-\s+'
        )) as item
    from {{ ref('segment_texts') }}
),

placed as (
    select
        place_items.segment,
        count(places.name) > 0
        and bool_and(places.name is not null or regexp_full_match(place_items.item, '[a-z]{2}|\d{5}')) as is_place
    from place_items
    left join {{ ref('known_places') }} as places
        -- Portland OR: no hospital has this beside its Main OR.
        on regexp_replace(
            trim({{ function('without_words_about_places') }}(place_items.item), ' .'), '^(\pL{4}.*) or$', '\1'
        ) = places.name
    where place_items.item not in ('', 'remote', 'hybrid')
    group by place_items.segment
)

select
    texts.segment,
    coalesce(placed.is_place, false) or whole.name is not null as is_place
from {{ ref('segment_texts') }} as texts
left join placed on texts.segment = placed.segment
left join {{ ref('known_places') }} as whole on texts.key = whole.name
