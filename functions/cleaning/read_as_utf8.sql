select
    array_to_string(
        list_transform(
            regexp_extract_all(text, '[^\x00-\x7f]+|[\x00-\x7f]+'),
            lambda one_run: case
                when not regexp_matches(one_run, '^[\x{C2}-\x{F4}].|[\x{80}-\x{9F}]') then one_run
                -- Windows-1252 from 128 on, with a space where a code is unassigned.
                else list_transform(
                    ['€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ'],
                    lambda one_code_page: coalesce(
                        try(decode(unhex(array_to_string(
                            list_transform(
                                regexp_extract_all(one_run, '.'),
                                lambda one_sign: printf('%02X', case
                                    when unicode(one_sign) < 256 then unicode(one_sign)
                                    else 127 + nullif(strpos(one_code_page, one_sign), 0)
                                end)
                            ),
                            ''
                        )))),
                        array_to_string(
                            list_transform(
                                regexp_extract_all(one_run, '.'),
                                lambda one_sign: case
                                    when unicode(one_sign) between 128 and 159
                                        then substring(one_code_page, unicode(one_sign) - 127, 1)
                                    else one_sign
                                end
                            ),
                            ''
                        )
                    )
                )[1]
            end
        ),
        ''
    )
