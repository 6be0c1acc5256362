select
    array_to_string(
        list_transform(
            regexp_extract_all(
                text,
                '&(?:#\d+;|#\d{2,}|#[xX][0-9a-fA-F]+;?|\w+;'
                || '|(?:amp|nbsp|quot|[lg]t|[lr][sd]quo|[mn]dash|hellip)\b'
                || '|[a-zA-Z](?:acute|grave|circ|tilde|uml|cedil|ring))|[^&]+|&'
            ),
            lambda one_piece: case
                when not regexp_matches(one_piece, '^&.') then one_piece
                when starts_with(one_piece, '&#')
                    then coalesce(
                        list_transform(
                            [try_cast(replace(translate(lower(one_piece), '&#;', ''), 'x', '0x') as integer)],
                            -- A lone surrogate is not a character, nor is anything beyond the last code point.
                            lambda one_number: case
                                when one_number between 1 and 55295 or one_number between 57344 and 1114111
                                    then chr(one_number)
                            end
                        )[1],
                        chr(65533)
                    )
                else coalesce(
                    chr(code_points[list_position(names, translate(one_piece, '&;', ''))]),
                    -- For titles in capitals, and titles whose words were capitalised: &NBSP; and &Amp;
                    upper(chr(code_points[list_position(names, lower(translate(one_piece, '&;', '')))])),
                    one_piece
                )
            end
        ),
        ''
    )
