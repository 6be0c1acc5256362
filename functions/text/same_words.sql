select trim(regexp_replace(text, '[\p{Z}\t-\r\x{85}]+', ' ', 'g'))
