select regexp_replace(lower(text), '[^\pL\pN]+', '', 'g')
