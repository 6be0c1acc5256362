-- Most names begin differently, and the database would compute the other operands of an `and` all the same.
select
    case
        when
            starts_with({{ function('letters_and_digits') }}(company), {{ function('letters_and_digits') }}(text))
            then
                length({{ function('letters_and_digits') }}(text)) > 2
                and length({{ function('letters_and_digits') }}(text))
                >= 0.6 * length({{ function('letters_and_digits') }}(company))
        else false
    end
    or {{ function('is_initials_of') }}(text, company)
