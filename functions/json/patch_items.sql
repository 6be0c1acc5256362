select
    list_transform(
        ops,
        lambda one_operation: case
            when starts_with(one_operation -> '/value', '"') then [one_operation ->> '/value']
            else one_operation ->> '$.value[*]'
        end
    )
