select regexp_matches(text, '^[\p{Z}\t-\r\x1c-\x1f\x{85}]*$')
