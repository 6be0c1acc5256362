-- noqa: disable=LT02
-- One pattern under the other, in the order in which they are applied.
select
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        regexp_replace(regexp_replace(regexp_replace(
            array_to_string(list_transform(
                range(1, len(texts) + 1),
                lambda one_place: marks[one_place] || case
                    when dropped_at[one_place] <= up_to then '' else texts[one_place]
                end
            ), ''),
            '\s*\b[wW]/\s*([-–—|,;:)\]]|$)', '\1', 'g'),
            '\([-–—|,;:/&+@\s]*\)|\[[-–—|,;:/&+@\s]*\]', '', 'g'),
            '([(\[])[-–—|,;:/&+@\s]+', '\1', 'g'),
            '(?:\s*[-–—|,;:/&]+|\s+\++|\s+)+([)\]])', '\1', 'g'),
        '[\s\-–—|,;:/•·~@]+([(\[])', ' \1', 'g'),
        '(\s*[|•·~@;:]\s*|\s+[-–—/]\s+|,\s+)(?:\s*[-–—|,;:/•·~@]+\s*)+', '\1', 'g'),
        '([-–—|]\s+)(?:[-–—|]+\s+)+', '\1', 'g'),
        '^[\s\-–—|,;:/•·~@]+|[\s\-–—|,;:/•·~@]+$', '', 'g'),
        '\s{2,}', ' ', 'g')
