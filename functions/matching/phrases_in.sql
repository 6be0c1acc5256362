select
    list_distinct(
        string_split(match_key, ' ')
        || flatten(list_transform(
            range(1, len(string_split(match_key, ' '))),
            lambda one_place: list_transform(
                string_split(match_key, ' ')[one_place + 1:one_place + 2],
                lambda one_word: string_split(match_key, ' ')[one_place] || ' ' || one_word
            )
        ))
        || ['* ' || string_split(match_key, ' ')[-1]]
    )
