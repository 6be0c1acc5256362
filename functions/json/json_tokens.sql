select regexp_extract_all(json, '"(?:[^"\\]|\\.)*"|-?[0-9][-+.eE0-9]*|[^"0-9-]+')
