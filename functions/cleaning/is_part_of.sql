select
    length({{ function('letters_and_digits') }}(text)) > 3
    and contains({{ function('letters_and_digits') }}(location), {{ function('letters_and_digits') }}(text))
