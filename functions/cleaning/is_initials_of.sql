select
    case
        -- Looked at only where it can be: a name is taken apart for it.
        when regexp_full_match(segment, '[A-Z]{3,6}')
            then coalesce(
                len(list_filter(
                    string_split_regex(name, '[,/|;]'),
                    -- The first letters of what stands between marks; the NHS is in all of its names.
                    lambda one_part: starts_with(
                        regexp_replace(
                            regexp_replace(upper(one_part), '\b(?:AND|OF|THE|FOR|IN|NHS)\b', '', 'g'),
                            '(\pL)[\pL''’]*|[^\pL]+', '\1', 'g'
                        ),
                        segment
                    )
                )) > 0,
                false
            )
        else false
    end
