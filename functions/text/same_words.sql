select trim(
    regexp_replace(
        regexp_replace(text, '[\x{AD}\x{200B}-\x{200F}\x{2060}\x{FEFF}]', '', 'g'), '[\p{Z}\t-\r\x{85}]+', ' ', 'g'
    )
)
