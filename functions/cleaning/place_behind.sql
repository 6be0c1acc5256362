select
    coalesce(
        list_filter(
            string_split_regex(trim(location), '\s*[,;/|()]\s*|\s+-\s+'),
            lambda one_place: regexp_matches(one_place, '^\p{Lu}.') and ends_with(title, ' ' || one_place)
        )[1],
        ''
    )
