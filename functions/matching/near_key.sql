select
    array_to_string(
        list_sort(list_distinct(list_filter(
            string_split({{ function('ungraded_key') }}(match_key), ' '),
            lambda one_word: not list_contains(['and', 'or', 'of', 'the', 'for', 'in'], one_word)
        ))),
        ' '
    )
