select
    coalesce(
        regexp_full_match(segment, '[A-Z]{3,6}')
        and list_contains(
            -- The letters of what stands between marks; the NHS is in all of its names.
            string_split_regex(regexp_replace(name, 'NHS|[^A-Z,/|;]', '', 'g'), '[,/|;]'), segment
        ),
        false
    )
