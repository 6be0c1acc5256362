select
    json_valid(text)
    and case
        -- A pattern that begins with a literal character is searched for fast; combined into one pattern, these take
        -- twice as long.
        when
            regexp_matches(text, ',\s*(?:-?(?i:nan|inf)|[\]}])')
            or regexp_matches(text, ':\s*-?(?i:nan|inf)')
            or regexp_matches(text, '\[\s*-?(?i:nan|inf)')
            or regexp_matches(text, '^\s*-?(?i:nan|inf)')
            then not regexp_matches(
                regexp_replace(text, '"(?:[^"\\]|\\.)*"', '""', 'g'), '(?i)nan|inf|,\s*[\]}]'
            )
        else true
    end
