select
    (
        length({{ function('letters_and_digits') }}(company)) > 3
        -- A single word that is longer than the name is a product: Elasticsearch.
        and words between 2 and 3
        and contains(
            {{ function('letters_and_digits') }}(segment), left({{ function('letters_and_digits') }}(company), 12)
        )
    )
    -- WPP Media
    or (
        length(company) = 3 and words between 2 and 3 and not coalesce(has_work_word, false)
        and regexp_matches(segment, '^\p{Lu}{3}\s') and lower(segment[:3]) = lower(company)
    )
    or (
        not coalesce(has_work_word, false)
        and regexp_matches(
            segment, '(?i)\b(?:clinic|hospital|school|university|college|center|centre|practice|hospice)$'
        )
    )
