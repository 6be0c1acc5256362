select
    array_to_string(
        list_transform(
            {{ function('json_tokens') }}(json),
            lambda one_token: case
                when one_token[1] = '"' then '"s' || one_token[2:]
                when one_token[1] = '-' or one_token[1] between '0' and '9' then '"n' || one_token || '"'
                else one_token
            end
        ),
        ''
    )
