select
    json_valid(text)
    and case
        when regexp_matches(text, '(?i)(?:^|[:,\[])\s*-?(?:nan|inf)|,\s*[\]}]')
            then not regexp_matches(
                regexp_replace(text, '"(?:[^"\\]|\\.)*"', '""', 'g'), '(?i)nan|inf|,\s*[\]}]'
            )
        else true
    end
