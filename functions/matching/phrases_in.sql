select
    list_distinct(
        string_split(match_key, ' ')
        || list_transform(
            list_zip(string_split(match_key, ' ')[:-2], string_split(match_key, ' ')[2:]),
            lambda one_pair: one_pair[1] || ' ' || one_pair[2]
        )
        || list_transform(
            list_zip(string_split(match_key, ' ')[:-3], string_split(match_key, ' ')[3:]),
            lambda one_pair: one_pair[1] || ' ' || one_pair[2]
        )
        || ['* ' || string_split(match_key, ' ')[-1]]
    )
