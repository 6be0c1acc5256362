select
    case
        -- Looked at only where it can be: of a name that is taken apart only the first letters are left.
        when regexp_full_match(segment, '[A-Z]{3,6}')
            then coalesce(
                contains(
                    -- Of what stands between marks; the NHS is in all of its names.
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
