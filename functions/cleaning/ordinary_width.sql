select
    array_to_string(
        list_transform(
            regexp_extract_all(text, '(?s).'),
            lambda one_sign: case
                when unicode(one_sign) between 65281 and 65374 then chr((unicode(one_sign) - 65248)::integer)
                else one_sign
            end
        ),
        ''
    )
