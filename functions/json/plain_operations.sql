select
    list_transform( -- noqa: PRS
        list_transform(
            ops,
            lambda one_operation: struct_pack(
                -- One more member is there twice, or RFC 6902 does not define it.
                plain := case
                    when len(json_keys(one_operation)) = 3
                        then list_position(spellings, (one_operation ->> '/op') || ' ' || (one_operation ->> '/path'))
                end,
                value := one_operation -> '/value'
            )
        ),
        lambda one_operation, one_place: struct_pack(
            op_index := one_place - 1,
            member := members[one_operation.plain],
            items := case
                when starts_with(one_operation.value, '"') then [one_operation.value ->> '$']
                else one_operation.value ->> '$[*]'
            end,
            -- Null where it is not plain.
            action := case
                when case kinds[one_operation.plain]
                    when 'list' then {{ function('is_string_list') }}(one_operation.value)
                    when 'element' then starts_with(one_operation.value, '"')
                    when 'string' then starts_with(one_operation.value, '"') or one_operation.value = 'null'
                end
                    then actions[one_operation.plain]
            end
        )
    )
