-- noqa: disable=LT02
-- One pattern under the other, in the order in which they are applied.
select
    case
        -- Most consist of letters, digits and single spaces alone.
        when regexp_replace(title, '[^{{ letters() }}\pN ]|  |\p{Ll}In', '') = title then lower(strip_accents(title))
        else
            regexp_replace(regexp_replace(regexp_replace(regexp_replace(
                regexp_replace(regexp_replace(regexp_replace(
                    lower(strip_accents(regexp_replace(
                        {{ function('single_form') }}(title), '\s*\([A-Z]{2,6}s?\)\s*$', ''
                    ))),
                    '\bc\+\+', 'cplusplus', 'g'),
                    '\bc#', 'csharp', 'g'),
                    '\.net\b', ' dotnet', 'g'),
                    '^([^,]+),\s*([^,]+)$', '\2 \1', 'g'),
                '&', ' and ', 'g'),
                '[''’`]s?\b|[''’`]', '', 'g'),
                '[^{{ letters() }}\pN]+', ' ', 'g')
    end
