select
    json_normalize(array_to_string(
        list_transform(
            {{ function('json_tokens') }}(json),
            lambda one_token: case
                when one_token[1] = '"' then '"s' || one_token[2:]
                when regexp_matches(one_token, '^-?[0-9]+$') then '"n' || one_token || '"'
                when regexp_matches(one_token, '^-?[0-9]')
                    then '"n' || {{ function('number_value') }}(
                        one_token,
                        ltrim(
                            regexp_extract(one_token, '^-?([0-9]+)', 1) || regexp_extract(one_token, '\.([0-9]+)', 1),
                            '0'
                        )
                    ) || '"'
                else one_token
            end
        ),
        ''
    ))
