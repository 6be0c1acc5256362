select
    array_to_string(
        list_transform(
            regexp_extract_all(text, '&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w+);|&amp\b|[^&]+|&'),
            lambda one_piece: case
                when not regexp_matches(one_piece, '^&.') then one_piece
                else coalesce(
                    try(chr(case
                        when one_piece = '&amp' then 38
                        when starts_with(lower(one_piece), '&#x') then ('0x' || one_piece[4:-2])::integer
                        when starts_with(one_piece, '&#') then one_piece[3:-2]::integer
                        else code_points[list_position(names, one_piece[2:-2])]
                    end)),
                    one_piece
                )
            end
        ),
        ''
    )
