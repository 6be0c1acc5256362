select
    array_to_string(
        list_transform(
            regexp_extract_all(text, '[^\x00-\x7f]+|[\x00-\x7f]+'),
            lambda one_run: case
                when not regexp_matches(one_run, '^[\x{C2}-\x{F4}].') then one_run
                else coalesce(
                    try(decode(unhex(array_to_string(
                        list_transform(
                            regexp_extract_all(one_run, '.'),
                            lambda one_sign: printf('%02X', case
                                when unicode(one_sign) < 256 then unicode(one_sign)
                                -- Windows-1252 from 128 on, a blank where it has nothing.
                                else 127 + nullif(strpos('€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ', one_sign), 0)
                            end)
                        ),
                        ''
                    )))),
                    one_run
                )
            end
        ),
        ''
    )
