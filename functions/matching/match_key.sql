-- noqa: disable=LT02
-- One pattern under the other, in the order in which they are applied.
select
    trim(
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(
            regexp_replace(regexp_replace(regexp_replace(regexp_replace(
                regexp_replace(regexp_replace(regexp_replace(regexp_replace(
                    lower(strip_accents(regexp_replace(title, '\s*\([A-Z]{2,6}s?\)\s*$', ''))),
                    '\bc\+\+', 'cplusplus', 'g'),
                    '\bc#', 'csharp', 'g'),
                    '\.net\b', ' dotnet', 'g'),
                    '^([^,]+),\s*([^,]+)$', '\2 \1', 'g'),
                '&', ' and ', 'g'),
                '[''’`]s?\b|[''’`]', '', 'g'),
                '[^\pL\pN]+', ' ', 'g'),
            '\b([a-z]*)men\b', '\1man', 'g'),
            '\b([a-z]*wi)ves\b', '\1fe', 'g'),
            '\b([a-z]{2,})ies\b', '\1y', 'g'),
            '\b([a-z]*(?:ss|x|ch|sh|zz))es\b', '\1', 'g'),
            '\b([a-z]+[^\W\d_siu])s\b', '\1', 'g')
    )
