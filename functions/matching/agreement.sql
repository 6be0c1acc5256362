select
    round(
        {{ function('dice') }}(
            list_distinct(string_split(match_key, ' ')), list_distinct(string_split(other_key, ' '))
        ),
        4
    )
