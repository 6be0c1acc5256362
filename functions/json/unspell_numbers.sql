select
    array_to_string(
        list_transform(
            {{ function('json_tokens') }}(json),
            lambda one_token: case
                when starts_with(one_token, '"n') then one_token[3:-2]
                when starts_with(one_token, '"s') then '"' || one_token[3:]
                else one_token
            end
        ),
        ''
    )
