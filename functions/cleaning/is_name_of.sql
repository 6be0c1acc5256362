select
    (
        length({{ function('letters_and_digits') }}(text)) > 2
        and starts_with({{ function('letters_and_digits') }}(company), {{ function('letters_and_digits') }}(text))
        and length({{ function('letters_and_digits') }}(text))
        >= 0.6 * length({{ function('letters_and_digits') }}(company))
    )
    or {{ function('is_initials_of') }}(text, company)
