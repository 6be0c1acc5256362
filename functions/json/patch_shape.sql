-- Where an operation has as many members as were found, it has no other member and none twice.
select
    list_transform(
        list_transform(
            ops,
            lambda one_operation: struct_pack(
                found := json_extract(one_operation, ['/op', '/path', '/from', '/value']),
                keys := json_keys(one_operation)
            )
        ),
        lambda one_operation: concat(
            '[',
            coalesce(one_operation.found[1], 'null'),
            ',',
            coalesce(one_operation.found[2], 'null'),
            ',',
            coalesce(one_operation.found[3], 'null'),
            ',"',
            {{ function('value_kind') }}(one_operation.found[4]),
            '",',
            case
                when
                    len(one_operation.keys)
                    = len(list_filter(one_operation.found, lambda one_value: one_value is not null))
                    then true
                else len(list_filter(
                    coalesce(one_operation.keys, []), lambda one_key: one_key in ('op', 'path', 'from', 'value')
                )) = len(list_filter(one_operation.found, lambda one_value: one_value is not null))
            end,
            ']'
        )
    )
