select
    (
        length({{ function('letters_and_digits') }}(text)) > 2
        and starts_with({{ function('letters_and_digits') }}(company), {{ function('letters_and_digits') }}(text))
        and length({{ function('letters_and_digits') }}(text))
        >= 0.6 * length({{ function('letters_and_digits') }}(company))
    )
    -- UHBW at University Hospitals Bristol and Weston NHS Foundation Trust
    or (
        regexp_full_match(text, '[A-Z]{3,6}')
        and starts_with(
            regexp_replace(
                regexp_replace(upper(company), '\b(?:AND|OF|THE|FOR|IN)\b', '', 'g'),
                '(\pL)[\pL''’]*|[^\pL]+', '\1', 'g'
            ),
            text
        )
    )
