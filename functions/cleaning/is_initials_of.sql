select
    case
        -- Computed only where the segment can be initials: taking names apart and keeping the first letters is costly.
        when regexp_full_match(segment, '[A-Z]{3,6}')
            then coalesce(
                contains(
                    -- Each name between marks is compared by itself; NHS is left out, because it is in all of its
                    -- hospitals' names.
                    ',' || regexp_replace(
                        regexp_replace(
                            upper(translate(name, '/|;', ',,,')), '\b(?:AND|OF|THE|FOR|IN|NHS)\b', '', 'g'
                        ),
                        '(\pL)[\pL''’]*|[^\pL,]+', '\1', 'g'
                    ),
                    ',' || segment
                ),
                false
            )
        else false
    end
