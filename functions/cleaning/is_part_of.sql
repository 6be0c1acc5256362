-- Most texts are not part of it, however they are cut, and the database would compute the other operands of an `and`
-- all the same.
select
    case
        when
            not contains({{ function('letters_and_digits') }}(location), {{ function('letters_and_digits') }}(text))
            or length({{ function('letters_and_digits') }}(text)) < 4
            then false
        -- Chinese, Japanese and Thai put no space between words.
        when regexp_matches(text, '\p{Lo}') then true
        -- As a whole name, or as whole words of it: there is no port in Portland. The last of several words may be cut
        -- short: Cleveland, OH.
        else
            list_contains(
                list_transform(
                    string_split_regex(location, '[,;/|()]|\s-\s'),
                    lambda one_name: {{ function('letters_and_digits') }}(one_name)
                ),
                {{ function('letters_and_digits') }}(text)
            )
            or contains(
                ' ' || regexp_replace(replace(lower(location), '.', ''), '[^\pL\pN]+', ' ', 'g') || ' ',
                ' ' || trim(regexp_replace(replace(lower(text), '.', ''), '[^\pL\pN]+', ' ', 'g'))
                || if(regexp_matches(text, '\pL[^\pL.]+\pL'), '', ' ')
            )
    end
