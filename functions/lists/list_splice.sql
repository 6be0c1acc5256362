select
    list_concat(
        list_slice(list, 1, coalesce(start, len(list))),
        items,
        list_slice(list, coalesce(start, len(list)) + coalesce(span, len(list)) + 1, len(list))
    )
