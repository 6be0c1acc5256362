select trim(regexp_replace(lower(title), '[^a-z0-9]+', '-', 'g'), '-')
