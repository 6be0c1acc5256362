select
    list_filter(
        string_split(match_key, ' '),
        lambda one_word: not contains(' ' || other_key || ' ', ' ' || one_word || ' ')
    )
