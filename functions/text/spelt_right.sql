-- A plural is looked up as a singular and made plural again: facilties, of facilty, becomes facilities.
select
    array_to_string(
        list_transform(
            regexp_extract_all(text, '\pL+|\PL+'),
            lambda one_word: list_transform(
                [coalesce(
                    spelt[list_position(misspelt, lower(one_word))],
                    regexp_replace(
                        spelt[list_position(
                            misspelt, regexp_replace(regexp_replace(lower(one_word), 'ies$', 'ys'), 's$', '')
                        )] || 's',
                        '([^aeiou])ys$',
                        '\1ies'
                    ),
                    one_word
                )],
                lambda one_form: case
                    when one_word = upper(one_word) then upper(one_form)
                    when left(one_word, 1) = upper(left(one_word, 1))
                        then upper(left(one_form, 1)) || substring(one_form, 2)
                    else one_form
                end
            )[1]
        ),
        ''
    )
