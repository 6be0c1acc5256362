select
    list_filter(
        list_transform(
            generate_series(1, len(before)),
            lambda one_place: struct_pack(
                member := one_place::integer, before := before[one_place], after := after[one_place]
            )
        ),
        lambda one_change: one_change.before <> one_change.after
    )
