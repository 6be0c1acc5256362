select
    case
        when digits = '' then '0e0'
        -- An exponent beyond 128 bits stays as it is written.
        when regexp_matches(number, '[eE][-+]?[0-9]{30}') then number
        else
            regexp_extract(number, '^-?') || rtrim(digits, '0') || 'e' || (
                coalesce(try_cast(regexp_extract(number, '[eE]([-+]?[0-9]+)$', 1) as hugeint), 0)
                - length(regexp_extract(number, '\.([0-9]+)', 1))
                + length(digits) - length(rtrim(digits, '0'))
            )
    end
