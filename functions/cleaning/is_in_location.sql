select
    {{ function('is_part_of') }}(segment, location)
    or starts_with(lower(segment), nullif(lower(regexp_extract(location, '^\pL[\pL .-]{3,}')), ''))
    or (regexp_full_match(segment, '[A-Z]{2}') and list_contains(regexp_extract_all(location, '[A-Z]{2,}'), segment))
