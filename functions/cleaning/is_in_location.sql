select
    {{ function('is_part_of') }}(segment, location)
    -- The location's first words must match as whole words: a Latvian Language Specialist is not a place in Latvia.
    or (
        starts_with(lower(segment), nullif(lower(regexp_extract(location, '^\pL[\pL .-]{2,}[\pL.]')), ''))
        and not regexp_matches(segment[length(regexp_extract(location, '^\pL[\pL .-]{2,}[\pL.]')) + 1:], '^\pL')
    )
    or (regexp_full_match(segment, '[A-Z]{2}') and list_contains(regexp_extract_all(location, '[A-Z]{2,}'), segment))
