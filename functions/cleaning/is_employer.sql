select
    {{ function('is_name_of') }}(segment, company)
    or (
        length({{ function('letters_and_digits') }}(company)) > 3
        and {{ function('letters_and_digits') }}(company) = {{ function('letters_and_digits') }}(
            regexp_replace(
                segment,
                '(?i)^the\s+|\s+(?:group|inc|llc|ltd|company|co|corp|team|digital|technologies|solutions|labs|studios|'
                || 'holdings|international|global|services|systems)\.?$',
                '',
                'g'
            )
        )
    )
    or (not is_known and segment = company)
    or (not is_known and length(segment) > 4 and lower(segment) = lower(regexp_extract(company, '^[\pL\pN]+')))
