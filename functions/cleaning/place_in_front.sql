-- Computed only where the first word is in the location. Of several names, the longest; none that is a code.
select
    case
        when not contains(location, regexp_extract(title, '^\S+')) then ''
        else coalesce(
            list_reverse_sort(list_filter(
                {{ function('location_names') }}(location),
                lambda one_place: regexp_full_match(one_place, '\p{Lu}(?:[\pL’'' -]|\. ){3,}')
                and starts_with(title, one_place || ' ')
            ))[1],
            ''
        )
    end
