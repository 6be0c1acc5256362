select
    case
        -- Computed only where the last word, or the last one before a state, is in the location.
        when
            contains(location, regexp_extract(title, '\S+$'))
            or contains(location, nullif(regexp_extract(title, '(\S+?),? [A-Z]{2}$', 1), ''))
            then coalesce(
                list_filter(
                    list_transform(
                        {{ function('location_names') }}(location),
                        lambda one_place: case
                            when not regexp_matches(one_place, '^\p{Lu}.') then null
                            when ends_with(title, ' ' || one_place) then one_place
                            -- A town may be followed by its state.
                            when ends_with(regexp_replace(title, ',? [A-Z]{2}$', ''), ' ' || one_place)
                                then one_place || regexp_extract(title, ',? [A-Z]{2}$')
                        end
                    ),
                    lambda one_place: one_place <> ''
                )[1],
                ''
            )
        else ''
    end
