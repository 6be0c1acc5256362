select
    list_filter(
        list_transform(
            checks,
            lambda one_check: struct_pack(
                op_index := one_check.step.op_index,
                code := case
                    when one_check.step.start + one_check.step.span > len(document[one_check.step.member])
                        then 'path_not_found'
                    when one_check.step.error is not null then one_check.step.error
                    -- What was taken is null, and a list cannot hold null.
                    when one_check.step.action = 'splice' and len(sources[one_check.place]) = 0 then 'value_invalid'
                    when
                        one_check.step.action = 'test'
                        and {{ function('list_part') }}(
                            document[one_check.step.member], one_check.step.start, one_check.step.span
                        ) <> sources[one_check.place]
                        then 'test_failed'
                end
            )
        ),
        lambda one_failure: one_failure.code is not null
    )[1]
